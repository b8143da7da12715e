// SPDX-License-Identifier: Apache-2.0
/* The logical tables as srproxy_v1model has them, there and back. */

#include <arpa/inet.h>
#include <cstring>

#include "p4rt.h"

extern "C" {
#include "parse.h"
}

namespace p4rt
{

namespace v1 = p4::v1;

using Json = struct json_object;

static const int CLASSES = 7;
static const int CLASS_NFV = 8;
static const int REPORT_PORT = 5252;
static const int PUSH_TTL = 64;
static const int ORDERS = 65536; /* an order's priority counts down */
static const std::string MAPPED = std::string(10, '\0') + "\xff\xff";

/* ---- values --------------------------------------------------------------- */

static std::string octets(uint64_t number)
{
	std::string out(8, '\0');

	for (int i = 7; i >= 0; i--, number >>= 8)
		out[i] = (char)number;
	return out;
}

static uint64_t number(const std::string &octets)
{
	uint64_t n = 0;

	for (unsigned char c : octets)
		n = n << 8 | c;
	return n;
}

static Json *field(const struct entry *entry, const char *name)
{
	Json *value = nullptr;

	json_object_object_get_ex(entry->json, name, &value);
	return value;
}

static bool has(const struct entry *entry, const char *name)
{
	return field(entry, name);
}

static std::string text(const struct entry *entry, const char *name)
{
	return json_object_get_string(field(entry, name));
}

/* A number; what is left out is as said. */
static std::string num(const struct entry *entry, const char *name,
		       int none = 0)
{
	return octets(has(entry, name) ? entry_number(entry, name) : none);
}

static std::string mac(const struct entry *entry, const char *name)
{
	uint8_t out[MAC_LEN];

	if (!parse_mac(text(entry, name).c_str(), out))
		throw Refused(std::string(name) + " is no MAC address.");
	return std::string((char *)out, sizeof(out));
}

static std::string mac_string(const std::string &octets)
{
	char out[MAC_TEXT];

	return mac_text((const uint8_t *)octets.data(), out);
}

static std::string address(const std::string &text)
{
	char out[16];

	if (inet_pton(AF_INET, text.c_str(), out) == 1)
		return std::string(out, 4);
	if (inet_pton(AF_INET6, text.c_str(), out) == 1)
		return std::string(out, 16);
	throw Refused("\"" + text + "\" is no address.");
}

static std::string address_string(const std::string &octets)
{
	char out[INET6_ADDRSTRLEN];

	inet_ntop(octets.size() == 4 ? AF_INET : AF_INET6, octets.data(), out,
		  sizeof(out));
	return out;
}

/* IPv4 as an IPv6 address of its own range, and back. */
static std::string mapped(const std::string &octets)
{
	return octets.size() == 4 ? MAPPED + octets : octets;
}

static std::string unmapped(const std::string &octets)
{
	return octets.compare(0, MAPPED.size(), MAPPED) ?
		       octets :
		       octets.substr(MAPPED.size());
}

static std::string mask_of(int length, size_t size)
{
	std::string mask(size, '\0');

	for (int i = 0; i < length; i++)
		mask[i / 8] |= 0x80 >> i % 8;
	return mask;
}

static int length_of(const std::string &mask)
{
	int length = 0;

	for (unsigned char c : mask)
		length += __builtin_popcount(c);
	return length;
}

/* ---- keys ----------------------------------------------------------------- */

static Key exact(const std::string &value)
{
	Key key;

	key.value = value;
	return key;
}

static Key anything()
{
	Key key;

	key.any = true;
	return key;
}

static Key prefix(const std::string &text)
{
	size_t slash = text.find('/');
	Key key = exact(address(text.substr(0, slash)));

	key.length = std::stoi(text.substr(slash + 1));
	key.any = !key.length;
	return key;
}

/* The same for tables that hold both families; IPv4 is a part of IPv6 there,
 * so nothing may be asked for that has both. */
static Key either_prefix(const struct entry *entry, const char *name)
{
	Key key;
	std::string mask;
	bool both = true;

	if (!has(entry, name))
		return anything();
	key = prefix(text(entry, name));
	mask = mask_of(key.length + (key.value.size() == 4 ? 96 : 0), 16);
	if (key.value.size() == 16) {
		for (size_t i = 0; i < MAPPED.size(); i++)
			both &= !((key.value[i] ^ MAPPED[i]) & mask[i]);
		if (both)
			throw Refused(std::string(name) + " " +
				      text(entry, name) +
				      " would match IPv4, too.");
	}
	key.value = mapped(key.value);
	key.mask = mask;
	key.length = -1;
	key.any = false;
	return key;
}

static Key ternary(const struct entry *entry, const char *name, int bits)
{
	Key key;

	if (!has(entry, name))
		return anything();
	key = exact(num(entry, name));
	key.mask = octets((1u << bits) - 1);
	return key;
}

/* ---- to the program ------------------------------------------------------- */

/** Collects the entities of an entry */
struct Rows {
	const Program &program;
	std::vector<v1::Entity> list;

	void add(const char *table, const std::string &action,
		 const std::vector<Key> &keys,
		 const std::vector<std::string> &params, int priority = 0)
	{
		Row row;

		row.action = action;
		row.keys = keys;
		row.params = params;
		row.priority = priority;
		list.push_back(program.entity(table, row));
	}
};

uint32_t session_of(int port)
{
	return port + 1;
}

static void put_nexthop(Rows &rows, const struct entry *e)
{
	std::vector<std::string> to = { num(e, "port"), mac(e, "dmac"),
					mac(e, "smac") };

	if (has(e, "vlan"))
		to.push_back(num(e, "vlan"));
	rows.add("nexthop", has(e, "vlan") ? "tagged" : "untagged",
		 { exact(num(e, "id")) }, to);
}

static void put_ecmp(Rows &rows, const struct entry *e)
{
	Json *list = field(e, "members");
	size_t n = json_object_array_length(list);

	for (int i = 0; i < BUCKETS; i++)
		rows.add("ecmp", "member",
			 { exact(num(e, "id")), exact(octets(i)) },
			 { octets(json_object_get_int(
				 json_object_array_get_idx(list, i % n))) });
}

static void put_label_fib(Rows &rows, const struct entry *e)
{
	std::vector<std::string> to = { num(e, "nexthop"), num(e, "group") };

	if (has(e, "to"))
		to.insert(to.begin(), num(e, "to"));
	rows.add("label_fib", e->action->name, { exact(num(e, "label")) }, to);
}

static void put_ipv4_fib(Rows &rows, const struct entry *e)
{
	rows.add("ipv4_fib", "route4", { prefix(text(e, "prefix")) },
		 { num(e, "nexthop"), num(e, "group") });
}

static void put_ipv6_fib(Rows &rows, const struct entry *e)
{
	rows.add("ipv6_fib", "route6", { prefix(text(e, "prefix")) },
		 { num(e, "nexthop"), num(e, "group") });
}

static void put_class(Rows &rows, const struct entry *e, int value)
{
	for (int i = 1; i <= CLASSES; i++)
		rows.add(("class" + std::to_string(i)).c_str(),
			 "set" + std::to_string(i), { exact(num(e, "label")) },
			 { octets(value) });
}

/* A port as a number is what all switches know, deprecated or not. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static v1::Entity clone_to(int port)
{
	v1::Entity clone;
	auto *session = clone.mutable_packet_replication_engine_entry()
				->mutable_clone_session_entry();
	auto *copy = session->add_replicas();

	session->set_session_id(session_of(port));
	copy->set_egress_port(port);
	copy->set_instance(1);
	return clone;
}
#pragma GCC diagnostic pop

static void put_nfv_sid(Rows &rows, const struct entry *e)
{
	Key label = exact(num(e, "label"));

	rows.list.push_back(clone_to(entry_number(e, "port")));
	rows.add("report_to", "to", { label },
		 { mac(e, "dmac"), mac(e, "smac"), address(text(e, "src")),
		   address(text(e, "dst")), num(e, "dport", REPORT_PORT) });
	put_class(rows, e, CLASS_NFV);
	rows.add("nfv_sid", "mirror", { label },
		 { octets(session_of(entry_number(e, "port"))) });
}

static void put_local_sid(Rows &rows, const struct entry *e)
{
	std::string service = e->action->name;
	std::vector<std::string> how;

	if (service == "feature")
		how = { octets(text(e, "direction") == "down"),
			num(e, "window_us") }; /* a tick is a microsecond */
	put_class(rows, e,
		  service == "node"	? 2 :
		  service == "priority" ? 3 :
					  4);
	rows.add("local_sid", service, { exact(num(e, "label")) }, how);
}

static void put_ingress_chain(Rows &rows, const struct entry *e)
{
	Json *labels = field(e, "labels");
	size_t n = json_object_array_length(labels);
	uint32_t low = has(e, "ttl") ? entry_number(e, "ttl") : PUSH_TTL;
	std::vector<std::string> words;

	if (has(e, "tc"))
		low |= entry_number(e, "tc") << 9;
	for (size_t i = 0; i < n; i++)
		words.push_back(
			octets((uint32_t)json_object_get_int(
				       json_object_array_get_idx(labels, i))
				       << 12 |
			       (i + 1 == n ? 1 << 8 : 0) | low));
	rows.add("ingress_chain", "push" + std::to_string(n),
		 { either_prefix(e, "src"), either_prefix(e, "dst"),
		   ternary(e, "proto", 8), ternary(e, "sport", 16),
		   ternary(e, "dport", 16) },
		 words, ORDERS - entry_number(e, "order"));
}

static void put_priority_flow(Rows &rows, const struct entry *e)
{
	std::vector<std::string> how = { num(e, "queue") };

	if (has(e, "tc")) {
		how.push_back(num(e, "tc"));
		how.push_back(num(e, "dscp"));
	}
	rows.add("priority_flow", has(e, "tc") ? "queue_mark" : "queue",
		 { exact(mapped(address(text(e, "src")))),
		   exact(mapped(address(text(e, "dst")))),
		   exact(num(e, "proto")), exact(num(e, "sport")),
		   exact(num(e, "dport")) },
		 how);
}

static const struct {
	const char *table;
	void (*put)(Rows &rows, const struct entry *entry);
} layouts[] = {
	{ "nexthop", put_nexthop },
	{ "ecmp", put_ecmp },
	{ "label_fib", put_label_fib },
	{ "ipv4_fib", put_ipv4_fib },
	{ "ipv6_fib", put_ipv6_fib },
	{ "nfv_sid", put_nfv_sid },
	{ "local_sid", put_local_sid },
	{ "ingress_chain", put_ingress_chain },
	{ "priority_flow", put_priority_flow },
};

std::vector<v1::Entity> lay_out(const Program &program,
				const struct entry *entry)
{
	Rows rows = { program, {} };

	for (const auto &layout : layouts)
		if (!strcmp(layout.table, entry->table->name))
			layout.put(rows, entry);
	if (rows.list.empty())
		throw Refused("the program has no table " +
			      std::string(entry->table->name) + ".");
	return rows.list;
}

/* ---- from the program ----------------------------------------------------- */

/** A logical entry on its way into the set */
struct Found {
	Json *json = json_object_new_object();
	uint64_t packets = 0;
	uint64_t bytes = 0;

	Found() = default;
	explicit Found(const Row &row)
		: packets(row.packets)
		, bytes(row.bytes)
	{
	}
	Found(const Found &) = delete;
	~Found()
	{
		json_object_put(json);
	}

	void num(const char *name, uint64_t value)
	{
		json_object_object_add(json, name,
				       json_object_new_int64(value));
	}
	void num(const char *name, const std::string &octets)
	{
		num(name, number(octets));
	}
	void str(const char *name, const std::string &value)
	{
		json_object_object_add(json, name,
				       json_object_new_string(value.c_str()));
	}
	void list(const char *name, const std::vector<uint32_t> &values)
	{
		Json *array = json_object_new_array();

		for (uint32_t value : values)
			json_object_array_add(array,
					      json_object_new_int64(value));
		json_object_object_add(json, name, array);
	}
	/* A nexthop or a group, of the two behind each other. */
	void to(const Row &row, size_t at)
	{
		if (number(row.params.at(at + 1)))
			num("group", row.params[at + 1]);
		else
			num("nexthop", row.params[at]);
	}
	void into(struct entries *set, const char *table);
};

void Found::into(struct entries *set, const char *table)
{
	struct entry entry;
	char why[WHY_MAX];

	if (!entry_make(&entry, schema_find(table), json, why)) {
		entry_free(&entry);
		throw Refused(std::string("the switch has something else in ") +
			      table + ": " + why);
	}
	entry.packets = packets;
	entry.bytes = bytes;
	if (!entries_add(set, &entry)) {
		entry_free(&entry);
		throw Refused("memory ran out.");
	}
}

static void get_nexthop(const Row &row, struct entries *set)
{
	Found found(row);

	found.num("id", row.keys.at(0).value);
	found.num("port", row.params.at(0));
	found.str("dmac", mac_string(row.params.at(1)));
	found.str("smac", mac_string(row.params.at(2)));
	if (row.action == "tagged")
		found.num("vlan", row.params.at(3));
	found.into(set, "nexthop");
}

static void get_label_fib(const Row &row, struct entries *set)
{
	Found found(row);
	bool swap = row.action == "swap";

	found.num("label", row.keys.at(0).value);
	found.str("action", row.action);
	if (swap)
		found.num("to", row.params.at(0));
	found.to(row, swap);
	found.into(set, "label_fib");
}

static void get_route(const Row &row, struct entries *set, const char *table,
		      size_t size)
{
	const Key &key = row.keys.at(0);
	std::string net = key.any ? std::string(size, '\0') : key.value;
	Found found(row);

	found.str("prefix", address_string(net) + "/" +
				    std::to_string(key.any ? 0 : key.length));
	found.to(row, 0);
	found.into(set, table);
}

static void get_ipv4_fib(const Row &row, struct entries *set)
{
	get_route(row, set, "ipv4_fib", 4);
}

static void get_ipv6_fib(const Row &row, struct entries *set)
{
	get_route(row, set, "ipv6_fib", 16);
}

static void get_local_sid(const Row &row, struct entries *set)
{
	Found found(row);

	found.num("label", row.keys.at(0).value);
	found.str("action", row.action);
	if (row.action == "feature") {
		found.str("direction",
			  number(row.params.at(0)) ? "down" : "up");
		found.num("window_us", row.params.at(1));
	}
	found.into(set, "local_sid");
}

static void get_prefix(Found &found, const char *name, const Key &key)
{
	int length = length_of(key.mask);
	std::string net;

	if (key.any)
		return;
	net = length < 96 ? key.value : unmapped(key.value);
	found.str(name,
		  address_string(net) + "/" +
			  std::to_string(length - (net.size() == 4 ? 96 : 0)));
}

static void get_ingress_chain(const Row &row, struct entries *set)
{
	static const char *const numbers[] = { "proto", "sport", "dport" };
	std::vector<uint32_t> labels;
	uint32_t word = 0;
	Found found(row);

	found.num("order", ORDERS - row.priority);
	get_prefix(found, "src", row.keys.at(0));
	get_prefix(found, "dst", row.keys.at(1));
	for (int i = 0; i < 3; i++)
		if (!row.keys.at(2 + i).any)
			found.num(numbers[i], row.keys[2 + i].value);
	for (const auto &param : row.params) {
		word = number(param);
		labels.push_back(word >> 12);
	}
	found.list("labels", labels);
	found.num("ttl", word & 0xff);
	found.num("tc", word >> 9 & 7);
	found.into(set, "ingress_chain");
}

static void get_priority_flow(const Row &row, struct entries *set)
{
	Found found(row);

	found.str("src", address_string(unmapped(row.keys.at(0).value)));
	found.str("dst", address_string(unmapped(row.keys.at(1).value)));
	found.num("proto", row.keys.at(2).value);
	found.num("sport", row.keys.at(3).value);
	found.num("dport", row.keys.at(4).value);
	found.num("queue", row.params.at(0));
	if (row.action == "queue_mark") {
		found.num("tc", row.params.at(1));
		found.num("dscp", row.params.at(2));
	}
	found.into(set, "priority_flow");
}

/* A group is all its buckets. */
static void gather_ecmp(const std::vector<Row> &rows, struct entries *set)
{
	std::map<uint64_t, std::map<uint64_t, const Row *> > groups;

	for (const Row &row : rows)
		groups[number(row.keys.at(0).value)]
		      [number(row.keys.at(1).value)] = &row;
	for (const auto &group : groups) {
		std::vector<uint32_t> members;
		Found found;

		if (group.second.size() != BUCKETS)
			throw Refused("the switch has only a part of ecmp " +
				      std::to_string(group.first) +
				      ": use load.");
		for (const auto &bucket : group.second) {
			members.push_back(number(bucket.second->params.at(0)));
			found.packets += bucket.second->packets;
			found.bytes += bucket.second->bytes;
		}
		found.num("id", group.first);
		found.list("members", members);
		found.into(set, "ecmp");
	}
}

static void gather_nfv_sid(const std::vector<Row> &mirrors,
			   const std::vector<Row> &reports, struct entries *set)
{
	std::map<uint64_t, const Row *> to;

	for (const Row &row : reports)
		to[number(row.keys.at(0).value)] = &row;
	for (const Row &row : mirrors) {
		uint64_t label = number(row.keys.at(0).value);
		Found found(row);

		if (!to.count(label))
			throw Refused("the switch has only a part of nfv_sid " +
				      std::to_string(label) + ": use load.");
		const auto &p = to[label]->params;
		found.num("label", label);
		found.num("port", number(row.params.at(0)) - 1);
		found.str("dmac", mac_string(p.at(0)));
		found.str("smac", mac_string(p.at(1)));
		found.str("src", address_string(p.at(2)));
		found.str("dst", address_string(p.at(3)));
		found.num("dport", p.at(4));
		found.into(set, "nfv_sid");
	}
}

void gather(Fetch fetch, void *from, struct entries *set)
{
	static const struct {
		const char *table;
		void (*get)(const Row &row, struct entries *set);
	} simple[] = {
		{ "nexthop", get_nexthop },
		{ "label_fib", get_label_fib },
		{ "ipv4_fib", get_ipv4_fib },
		{ "ipv6_fib", get_ipv6_fib },
		{ "local_sid", get_local_sid },
		{ "ingress_chain", get_ingress_chain },
		{ "priority_flow", get_priority_flow },
	};

	for (const auto &table : simple)
		for (const Row &row : fetch(from, table.table))
			table.get(row, set);
	gather_ecmp(fetch(from, "ecmp"), set);
	gather_nfv_sid(fetch(from, "nfv_sid"), fetch(from, "report_to"), set);
}

} // namespace p4rt
