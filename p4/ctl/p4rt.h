/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRP4_P4RT_H
#define SRP4_P4RT_H

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "p4/config/v1/p4info.pb.h"
#include "p4/v1/p4runtime.pb.h"

extern "C" {
#include "layout.h"
}

namespace p4rt
{

/** What has to be said to the user; thrown, and reported in p4runtime.cc */
struct Refused : std::runtime_error {
	using std::runtime_error::runtime_error;
};

/* How people know an entry: its table and key. */
std::string name_of(const struct entry *entry);

/** The program's tables by the last part of their names */
class Program {
    public:
	explicit Program(const p4::config::v1::P4Info &info);
	const std::string &name() const
	{
		return info.pkg_info().name();
	}
	/* What a logical entry is here, in the order of writing. */
	std::vector<p4::v1::Entity> lay_out(const struct entry *entry) const;
	void row(const p4::v1::TableEntry &entry, struct rows *rows) const;
	uint32_t table_id(const std::string &name) const;
	uint32_t counter_id(const std::string &name) const;
	uint64_t register_size(const std::string &name) const;
	int64_t size(uint32_t table_id) const;
	void check() const;

    private:
	p4::v1::Entity entity(const struct row &row) const;
	const p4::config::v1::Table &table(const std::string &name) const;
	const p4::config::v1::Action &action(const p4::config::v1::Table &table,
					     const std::string &name) const;

	p4::config::v1::P4Info info;
	std::map<std::string, const p4::config::v1::Table *> tables;
	std::map<uint32_t, const p4::config::v1::Table *> tables_by_id;
	std::map<uint32_t, const p4::config::v1::Action *> actions;
};

} // namespace p4rt

#endif
