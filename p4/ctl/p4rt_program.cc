// SPDX-License-Identifier: Apache-2.0
/* The program as its P4Info describes it: names to numbers and back. */

#include "p4rt.h"

namespace p4rt
{

namespace v1 = p4::v1;
namespace config = p4::config::v1;

/* Behind the last dot. */
static std::string last_part(const std::string &name)
{
	return name.substr(name.rfind('.') + 1);
}

/* The shortest form, which is what P4Runtime wants. */
static std::string shortest(const std::string &octets)
{
	size_t at = octets.find_first_not_of('\0');

	return at == std::string::npos ? std::string(1, '\0') :
					 octets.substr(at);
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

static void set_key(v1::FieldMatch *match, const config::MatchField &field,
		    const Key &key)
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

v1::Entity Program::entity(const std::string &name, const Row &row) const
{
	const config::Table &t = table(name);
	const config::Action &a = action(t, row.action);
	v1::Entity entity;
	v1::TableEntry *entry = entity.mutable_table_entry();
	v1::Action *set = entry->mutable_action()->mutable_action();

	if (t.match_fields_size() != (int)row.keys.size() ||
	    a.params_size() != (int)row.params.size())
		throw Refused("the program has other fields in " + name + ".");
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

/* Octets in the width of the field. */
static std::string wide(const std::string &octets, int bits)
{
	std::string short_form = shortest(octets);
	size_t want = (bits + 7) / 8;

	if (short_form.size() >= want)
		return short_form;
	return std::string(want - short_form.size(), '\0') + short_form;
}

static Key get_key(const v1::FieldMatch &match, int bits)
{
	Key key;

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

Row Program::row(const v1::TableEntry &entry) const
{
	const config::Table &t = *tables_by_id.at(entry.table_id());
	const v1::Action &set = entry.action().action();
	auto found = actions.find(set.action_id());
	Row row;

	if (found == actions.end())
		throw Refused("the switch has an entry without an action in " +
			      last_part(t.preamble().name()) + ".");
	row.action = last_part(found->second->preamble().name());
	row.priority = entry.priority();
	row.packets = entry.counter_data().packet_count();
	row.bytes = entry.counter_data().byte_count();
	for (const auto &field : t.match_fields()) {
		Key key;

		key.any = true;
		for (const auto &match : entry.match())
			if (match.field_id() == field.id())
				key = get_key(match, field.bitwidth());
		row.keys.push_back(key);
	}
	for (const auto &param : found->second->params())
		for (const auto &value : set.params())
			if (value.param_id() == param.id())
				row.params.push_back(
					wide(value.value(), param.bitwidth()));
	return row;
}

/* That all is there that lay_out() and gather() name. */
void Program::check() const
{
	for (const char *name :
	     { "nexthop", "ecmp", "label_fib", "ipv4_fib", "ipv6_fib",
	       "nfv_sid", "report_to", "local_sid", "ingress_chain",
	       "priority_flow" })
		table(name);
	for (int i = 1; i < 8; i++)
		table("class" + std::to_string(i));
}

} // namespace p4rt
