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
#include "entry.h"
}

namespace p4rt
{

/** What has to be said to the user; thrown, and reported in p4runtime.cc */
struct Refused : std::runtime_error {
	using std::runtime_error::runtime_error;
};

/** A key's field, its octets big-endian as the program has it */
struct Key {
	std::string value;
	std::string mask; /* of a ternary one */
	int length = -1; /* of a prefix */
	bool any = false; /* matches everything */
};

/** An entry of one of the program's tables, by names and places */
struct Row {
	std::string action;
	std::vector<Key> keys;
	std::vector<std::string> params;
	int priority = 0;
	uint64_t packets = 0;
	uint64_t bytes = 0;
};

/** The program's tables by the last part of their names */
class Program {
    public:
	explicit Program(const p4::config::v1::P4Info &info);
	const std::string &name() const
	{
		return info.pkg_info().name();
	}
	p4::v1::Entity entity(const std::string &table, const Row &row) const;
	Row row(const p4::v1::TableEntry &entry) const;
	uint32_t table_id(const std::string &name) const;
	uint32_t counter_id(const std::string &name) const;
	int64_t size(uint32_t table_id) const;
	void check() const;

    private:
	const p4::config::v1::Table &table(const std::string &name) const;
	const p4::config::v1::Action &action(const p4::config::v1::Table &table,
					     const std::string &name) const;

	p4::config::v1::P4Info info;
	std::map<std::string, const p4::config::v1::Table *> tables;
	std::map<uint32_t, const p4::config::v1::Table *> tables_by_id;
	std::map<uint32_t, const p4::config::v1::Action *> actions;
};

/** Reads all rows of one of the program's tables */
using Fetch = std::vector<Row> (*)(void *from, const std::string &table);

/* What a logical entry is in srproxy_v1model, in the order of writing: what
 * leads to others is last. */
std::vector<p4::v1::Entity> lay_out(const Program &program,
				    const struct entry *entry);

/* The logical entries of a switch, into the set. */
void gather(Fetch fetch, void *from, struct entries *set);

/* The session of clones that leave by a port. */
uint32_t session_of(int port);

} // namespace p4rt

#endif
