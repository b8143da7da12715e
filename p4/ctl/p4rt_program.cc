// SPDX-License-Identifier: Apache-2.0
/* The program as its P4Info describes it: names to numbers and back. */

#include <algorithm>
#include <cstring>

#include "p4rt.h"

namespace p4rt
{

namespace v1 = p4::v1;
namespace config = p4::config::v1;

std::string name_of(const struct entry *entry)
{
	return std::string(entry->table->name) + " " + entry->key;
}

/* Behind the last dot. */
static std::string last_part(const std::string &name)
{
	return name.substr(name.rfind('.') + 1);
}

/* The shortest form, which is what P4Runtime wants. */
static std::string shortest(const struct octets &octets)
{
	unsigned int at = 0;

	while (at + 1 < octets.len && !octets.at[at])
		at++;
	return std::string((const char *)octets.at + at, octets.len - at);
}

Program::Program(const config::P4Info &from)
	: info(from)
{
	for (const auto &t : info.tables()) {
		tables[last_part(t.preamble().name())] = &t;
		tables_by_id[t.preamble().id()] = &t;
	}
	for (const auto &a : info.actions())
		actions[a.preamble().id()] = &a;
}

const config::Table &Program::table(const std::string &name) const
{
	auto found = tables.find(name);

	if (found == tables.end())
		throw Refused("the program has no table " + name + ".");
	return *found->second;
}

const config::Action &Program::action(const config::Table &table,
				      const std::string &name) const
{
	for (const auto &ref : table.action_refs()) {
		const config::Action *a = actions.at(ref.id());

		if (last_part(a->preamble().name()) == name)
			return *a;
	}
	throw Refused("the program's table " +
		      last_part(table.preamble().name()) + " has no action " +
		      name + ".");
}

uint32_t Program::table_id(const std::string &name) const
{
	return table(name).preamble().id();
}

int64_t Program::size(uint32_t table_id) const
{
	return tables_by_id.at(table_id)->size();
}

uint32_t Program::counter_id(const std::string &name) const
{
	for (const auto &c : info.counters())
		if (last_part(c.preamble().name()) == name)
			return c.preamble().id();
	throw Refused("the program has no counter " + name + ".");
}

uint64_t Program::register_size(const std::string &name) const
{
	for (const auto &r : info.registers())
		if (last_part(r.preamble().name()) == name)
			return r.size();
	throw Refused("the program has no register " + name + ".");
}

static void set_key(v1::FieldMatch *match, const config::MatchField &field,
		    const struct key &key)
{
	match->set_field_id(field.id());
	switch (field.match_type()) {
	case config::MatchField::LPM:
		match->mutable_lpm()->set_value(shortest(key.value));
		match->mutable_lpm()->set_prefix_len(key.length);
		break;
	case config::MatchField::TERNARY:
		match->mutable_ternary()->set_value(shortest(key.value));
		match->mutable_ternary()->set_mask(shortest(key.mask));
		break;
	default:
		match->mutable_exact()->set_value(shortest(key.value));
	}
}

v1::Entity Program::entity(const struct row &row) const
{
	const config::Table &t = table(row.table);
	const config::Action &a = action(t, row.action);
	v1::Entity entity;
	v1::TableEntry *entry = entity.mutable_table_entry();
	v1::Action *set = entry->mutable_action()->mutable_action();

	if (t.match_fields_size() != (int)row.n_keys ||
	    a.params_size() != (int)row.n_params)
		throw Refused("the program has other fields in " +
			      std::string(row.table) + ".");
	entry->set_table_id(t.preamble().id());
	entry->set_priority(row.priority);
	for (int i = 0; i < t.match_fields_size(); i++)
		if (!row.keys[i].any)
			set_key(entry->add_match(), t.match_fields(i),
				row.keys[i]);
	set->set_action_id(a.preamble().id());
	for (int i = 0; i < a.params_size(); i++) {
		auto *param = set->add_params();

		param->set_param_id(a.params(i).id());
		param->set_value(shortest(row.params[i]));
	}
	return entity;
}

/* A port as a number is what all switches know, deprecated or not. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static v1::Entity clone_to(const struct row &row)
{
	v1::Entity clone;
	auto *session = clone.mutable_packet_replication_engine_entry()
				->mutable_clone_session_entry();
	auto *copy = session->add_replicas();

	session->set_session_id(octets_number(&row.keys[0].value));
	copy->set_egress_port(octets_number(&row.params[0]));
	copy->set_instance(1);
	return clone;
}
#pragma GCC diagnostic pop

std::vector<v1::Entity> Program::lay_out(const struct entry *entry) const
{
	std::vector<v1::Entity> list;
	struct rows rows = {};
	char why[WHY_MAX] = "";

	if (entry->table->fixed)
		throw Refused("P4Runtime has no " +
			      std::string(entry->table->name) +
			      " of a switch: they are set by its own means.");
	try {
		if (!layout_rows(&v1model_layout, nullptr, entry, &rows, why))
			throw Refused(name_of(entry) + ": " + why);
		for (size_t i = 0; i < rows.n; i++)
			list.push_back(!strcmp(rows.list[i].table, COPIES) ?
					       clone_to(rows.list[i]) :
					       entity(rows.list[i]));
	} catch (...) {
		rows_free(&rows);
		throw;
	}
	rows_free(&rows);
	return list;
}

/* Octets in the width of the field. */
static struct octets wide(const std::string &from, int bits)
{
	struct octets octets = {};

	octets.len = std::min(from.size(), sizeof(octets.at));
	memcpy(octets.at, from.data() + from.size() - octets.len, octets.len);
	return octets_wide(&octets, (bits + 7) / 8);
}

static struct key get_key(const v1::FieldMatch &match, int bits)
{
	struct key key = {};

	key.length = -1;
	switch (match.field_match_type_case()) {
	case v1::FieldMatch::kLpm:
		key.value = wide(match.lpm().value(), bits);
		key.length = match.lpm().prefix_len();
		break;
	case v1::FieldMatch::kTernary:
		key.value = wide(match.ternary().value(), bits);
		key.mask = wide(match.ternary().mask(), bits);
		break;
	default:
		key.value = wide(match.exact().value(), bits);
	}
	return key;
}

static void get_keys(const config::Table &table, const v1::TableEntry &entry,
		     struct row *row)
{
	for (const auto &field : table.match_fields()) {
		struct key *key = &row->keys[row->n_keys++];

		key->any = true;
		for (const auto &match : entry.match())
			if (match.field_id() == field.id())
				*key = get_key(match, field.bitwidth());
	}
}

static void get_params(const config::Action &action, const v1::Action &set,
		       struct row *row)
{
	for (const auto &param : action.params())
		for (const auto &value : set.params())
			if (value.param_id() == param.id())
				row->params[row->n_params++] =
					wide(value.value(), param.bitwidth());
}

void Program::row(const v1::TableEntry &entry, struct rows *rows) const
{
	const config::Table &t = *tables_by_id.at(entry.table_id());
	const v1::Action &set = entry.action().action();
	std::string name = last_part(t.preamble().name());
	auto found = actions.find(set.action_id());
	struct row *row;

	if (found == actions.end())
		throw Refused("the switch has an entry without an action in " +
			      name + ".");
	if (t.match_fields_size() > ROW_KEYS ||
	    found->second->params_size() > ROW_PARAMS)
		throw Refused("the program has other fields in " + name + ".");
	row = rows_add(rows, name.c_str(),
		       last_part(found->second->preamble().name()).c_str());
	if (!row)
		throw Refused("memory ran out.");
	row->priority = entry.priority();
	row->packets = entry.counter_data().packet_count();
	row->bytes = entry.counter_data().byte_count();
	get_keys(t, entry, row);
	get_params(*found->second, set, row);
}

/* That all is there that an entry may be laid out to. */
void Program::check() const
{
	for (size_t i = 0; v1model_tables[i]; i++)
		table(v1model_tables[i]);
}

} // namespace p4rt
