// SPDX-License-Identifier: Apache-2.0
/*
 * A switch that speaks P4Runtime: bmv2's simple_switch_grpc, for one.
 *
 * p4runtime:HOST:PORT[,device=N][,election=N]
 *
 * A program NAME is NAME.json and NAME.p4info.txtpb in the directory SRP4_PROGRAMS
 * of the environment. What is only read needs no arbitration: show and counters
 * work beside another controller.
 *
 * A transaction is one message: a switch whose connection or role is lost has got
 * it whole or not at all.
 */

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include <google/protobuf/text_format.h>
#include <grpcpp/grpcpp.h>

#include "google/rpc/status.pb.h"
#include "p4/v1/p4runtime.grpc.pb.h"
#include "p4rt.h"
#include "p4rt_role.h"

extern "C" {
#include "report.h"
#include "target.h"
}

namespace
{

namespace v1 = p4::v1;
using p4rt::Program;
using p4rt::Refused;
using p4rt::Role;
using p4rt::Settings;
using p4rt::words_of;

const int CONNECT_SECONDS = 15;
const int RPC_SECONDS = 120;
const int RECONNECT_SECONDS = 3;
const int BACKOFF_MS = 500;
const int DETAILS = 1 << 24; /* room for a message's errors, in octets */
const char PROGRAMS[] = "/usr/share/srproxy/p4";

/** A change of one of the switch's entries */
struct Step {
	v1::Update::Type type;
	v1::Entity entity;
	v1::Entity before; /* of a MODIFY */
	std::string what; /* the logical entry's table and key */
};

/** Why a switch did not do a step; done: it did */
struct Outcome {
	int code = grpc::StatusCode::ABORTED;
	std::string message;

	bool done() const
	{
		return code == 0;
	}
};

class Switch : public target {
    public:
	explicit Switch(const Settings &settings);

	void resume();
	void fits(const std::string &name, const struct entries *want);
	void load(const std::string &name);
	const char *program();
	void read(struct entries *set);
	void write(const struct update *update);
	void begin();
	void commit();
	void abandon();
	void count(const char *counter, struct count *list, size_t n);
	uint64_t slots()
	{
		return known().register_size("slot_key");
	}

    private:
	void arbitrate();
	void fetch_program();
	const Program &known();
	void rows(const std::string &table, struct rows *rows);
	static bool fetch(void *from, const char *table, struct rows *rows,
			  char *why);
	std::vector<v1::Entity> query(const v1::Entity &entity);
	void queue(const struct update *update);
	void add_step(Step step);
	void run();
	grpc::Status send(const std::vector<v1::Update> &updates);
	size_t do_steps(std::vector<Outcome> &outcomes);
	bool is_full(size_t at);
	void take_back(const std::vector<Outcome> &outcomes);

	Settings settings;
	std::shared_ptr<grpc::Channel> channel;
	std::unique_ptr<v1::P4Runtime::Stub> stub;
	std::unique_ptr<Role> role;
	std::unique_ptr<Program> there; /* the switch's program, once known */
	bool transaction = false;
	std::vector<Step> steps;
	std::map<std::string, size_t> leaving; /* rows by place_of(), of steps */
};

Switch *switch_of(struct target *target)
{
	return static_cast<Switch *>(target);
}

/* ---- what went wrong, in words -------------------------------------------- */

void expect(const grpc::Status &status)
{
	if (!status.ok())
		throw Refused(words_of(status));
}

void limit(grpc::ClientContext &context)
{
	context.set_deadline(std::chrono::system_clock::now() +
			     std::chrono::seconds(RPC_SECONDS));
}

std::string words_of(const Step &step, const Outcome &outcome)
{
	switch (outcome.code) {
	case grpc::StatusCode::RESOURCE_EXHAUSTED:
		return step.what + ": the switch's table is full.";
	case grpc::StatusCode::ALREADY_EXISTS:
		return step.what + ": the switch has it already.";
	case grpc::StatusCode::NOT_FOUND:
		return step.what + ": the switch has it not.";
	default:
		return step.what + ": the switch refused: " + outcome.message +
		       ".";
	}
}

/* ---- connection and arbitration ------------------------------------------- */

Switch::Switch(const Settings &settings)
	: target()
	, settings(settings)
{
	grpc::ChannelArguments arguments;

	arguments.SetMaxReceiveMessageSize(-1);
	arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, DETAILS);
	arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, BACKOFF_MS);
	arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, BACKOFF_MS);
	arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, BACKOFF_MS);
	channel = grpc::CreateCustomChannel(settings.address,
					    grpc::InsecureChannelCredentials(),
					    arguments);
	if (!channel->WaitForConnected(std::chrono::system_clock::now() +
				       std::chrono::seconds(CONNECT_SECONDS)))
		throw Refused("no switch answers at " + settings.address + ".");
	stub = v1::P4Runtime::NewStub(channel);
	fetch_program();
}

/* Become the one that writes, unless that is so. What was refused or lost before
 * is asked for anew: the other controller may have left, the switch come back. */
void Switch::arbitrate()
{
	if (role && role->is_ours())
		return;
	role.reset();
	role.reset(new Role(*stub, settings));
	try {
		role->await();
	} catch (...) {
		role.reset();
		throw;
	}
}

/* Another command: since the last the switch may have been restarted, or got
 * another program from another controller. */
void Switch::resume()
{
	channel->WaitForConnected(std::chrono::system_clock::now() +
				  std::chrono::seconds(RECONNECT_SECONDS));
	fetch_program();
}

/* ---- the program ---------------------------------------------------------- */

void Switch::fetch_program()
{
	v1::GetForwardingPipelineConfigRequest request;
	v1::GetForwardingPipelineConfigResponse response;
	grpc::ClientContext context;

	limit(context);
	request.set_device_id(settings.device);
	request.set_response_type(
		v1::GetForwardingPipelineConfigRequest::P4INFO_AND_COOKIE);
	grpc::Status status =
		stub->GetForwardingPipelineConfig(&context, request, &response);
	there.reset();
	if (status.error_code() == grpc::StatusCode::FAILED_PRECONDITION)
		return;
	expect(status);
	if (response.config().p4info().tables_size())
		there.reset(new Program(response.config().p4info()));
}

const Program &Switch::known()
{
	if (!there)
		throw Refused("the switch has no program: use load.");
	return *there;
}

const char *Switch::program()
{
	return there ? there->name().c_str() : nullptr;
}

std::string contents(const std::string &path)
{
	std::ifstream file(path, std::ios::binary);
	std::stringstream all;

	if (!file)
		throw Refused(path + ": " + strerror(errno) + ".");
	all << file.rdbuf();
	return all.str();
}

p4::config::v1::P4Info read_info(const std::string &base,
				 const std::string &name)
{
	p4::config::v1::P4Info info;

	if (!google::protobuf::TextFormat::ParseFromString(
		    contents(base + ".p4info.txtpb"), &info))
		throw Refused(base + ".p4info.txtpb is no P4Info.");
	Program program(info);

	if (program.name() != name)
		throw Refused(base + ".p4info.txtpb is \"" + program.name() +
			      "\", not \"" + name + "\".");
	program.check();
	return info;
}

std::string base_of(const std::string &name)
{
	const char *directory = getenv("SRP4_PROGRAMS");

	return std::string(directory ? directory : PROGRAMS) + "/" + name;
}

/* Whether the program can have these entries, before the switch gets it. */
void Switch::fits(const std::string &name, const struct entries *want)
{
	Program program(read_info(base_of(name), name));
	std::map<uint32_t, int64_t> rows;

	for (size_t i = 0; i < want->n; i++) {
		const struct entry *entry = &want->list[i];

		for (const auto &entity : program.lay_out(entry)) {
			uint32_t id = entity.table_entry().table_id();

			if (id && ++rows[id] > program.size(id))
				throw Refused(p4rt::name_of(entry) +
					      ": the program's table is full.");
		}
	}
}

/* The switch gets the program whole or keeps its own. */
void Switch::load(const std::string &name)
{
	std::string base = base_of(name);
	v1::SetForwardingPipelineConfigRequest request;
	v1::SetForwardingPipelineConfigResponse response;
	grpc::ClientContext context;

	*request.mutable_config()->mutable_p4info() = read_info(base, name);
	request.mutable_config()->set_p4_device_config(
		contents(base + ".json"));
	arbitrate();
	limit(context);
	request.set_device_id(settings.device);
	request.mutable_election_id()->set_low(settings.election);
	request.set_action(
		v1::SetForwardingPipelineConfigRequest::VERIFY_AND_COMMIT);
	expect(stub->SetForwardingPipelineConfig(&context, request, &response));
	fetch_program();
}

/* ---- reading -------------------------------------------------------------- */

std::vector<v1::Entity> Switch::query(const v1::Entity &entity)
{
	v1::ReadRequest request;
	v1::ReadResponse response;
	grpc::ClientContext context;
	std::vector<v1::Entity> found;

	limit(context);
	request.set_device_id(settings.device);
	*request.add_entities() = entity;
	auto reader = stub->Read(&context, request);
	while (reader->Read(&response))
		found.insert(found.end(), response.entities().begin(),
			     response.entities().end());
	expect(reader->Finish());
	return found;
}

void Switch::rows(const std::string &table, struct rows *rows)
{
	v1::Entity all;

	all.mutable_table_entry()->set_table_id(known().table_id(table));
	all.mutable_table_entry()->mutable_counter_data();
	for (const auto &entity : query(all))
		if (!entity.table_entry().is_default_action())
			known().row(entity.table_entry(), rows);
}

bool Switch::fetch(void *from, const char *table, struct rows *rows, char *why)
{
	try {
		static_cast<Switch *>(from)->rows(table, rows);
		return true;
	} catch (const std::exception &e) {
		snprintf(why, WHY_MAX, "%s", e.what());
		return false;
	}
}

void Switch::read(struct entries *set)
{
	char why[WHY_MAX] = "";

	if (!layout_gather(&v1model_layout, fetch, this, set, why))
		throw Refused(why);
}

void Switch::count(const char *counter, struct count *list, size_t n)
{
	v1::Entity all;

	all.mutable_counter_entry()->set_counter_id(
		known().counter_id(counter));
	for (const auto &entity : query(all)) {
		const auto &entry = entity.counter_entry();
		size_t at = entry.index().index();

		if (at >= n)
			continue;
		list[at].packets = entry.data().packet_count();
		list[at].bytes = entry.data().byte_count();
	}
}

/* ---- writing -------------------------------------------------------------- */

/* What tells a row from others of the switch. */
std::string place_of(const v1::Entity &entity)
{
	const auto &entry = entity.table_entry();
	v1::TableEntry place;

	place.set_table_id(entry.table_id());
	place.set_priority(entry.priority());
	*place.mutable_match() = entry.match();
	return place.SerializeAsString();
}

bool is_clone(const Step &step)
{
	return step.entity.has_packet_replication_engine_entry();
}

/* A row that leaves and comes again is changed: in which order a switch does what
 * is in one message is its own choice. */
void Switch::add_step(Step step)
{
	std::string place = is_clone(step) ? "" : place_of(step.entity);
	auto before = leaving.find(place);

	if (step.type == v1::Update::INSERT && before != leaving.end()) {
		step.type = v1::Update::MODIFY;
		step.before = steps[before->second].entity;
		steps[before->second].type = v1::Update::UNSPECIFIED;
		leaving.erase(before);
	} else if (step.type == v1::Update::DELETE) {
		leaving[place] = steps.size();
	}
	steps.push_back(step);
}

void Switch::queue(const struct update *update)
{
	const struct entry *entry = update->entry;
	auto to = known().lay_out(entry);
	auto from = update->before ? known().lay_out(update->before) : to;
	Step step;

	step.what = p4rt::name_of(entry);
	step.type = update->write == WRITE_ADD	  ? v1::Update::INSERT :
		    update->write == WRITE_CHANGE ? v1::Update::MODIFY :
						    v1::Update::DELETE;
	for (size_t i = 0; i < to.size(); i++) {
		/* what leads to others goes in last, and out first */
		size_t at =
			step.type == v1::Update::DELETE ? to.size() - 1 - i : i;
		Step one = step;

		one.entity = to[at];
		one.before = from[at];
		/* a port's session of clones stays: others may use it */
		if (is_clone(one) && step.type == v1::Update::DELETE)
			continue;
		if (is_clone(one))
			one.type = v1::Update::INSERT;
		add_step(one);
	}
}

v1::Update update_of(const Step &step)
{
	v1::Update update;

	update.set_type(step.type);
	*update.mutable_entity() = step.entity;
	return update;
}

/* What became of each update of a Write; false: the switch says nothing of them. */
bool read_outcomes(const grpc::Status &status, std::vector<Outcome> &outcomes)
{
	google::rpc::Status details;

	if (!status.ok() && (!details.ParseFromString(status.error_details()) ||
			     details.details_size() != (int)outcomes.size()))
		return false;
	for (size_t i = 0; i < outcomes.size(); i++) {
		v1::Error error;

		if (!status.ok() && !details.details(i).UnpackTo(&error)) {
			error.set_canonical_code(status.error_code());
			error.set_message(status.error_message());
		}
		outcomes[i].code = error.canonical_code();
		outcomes[i].message = error.message();
	}
	return true;
}

/* All in one message. */
grpc::Status Switch::send(const std::vector<v1::Update> &updates)
{
	v1::WriteRequest request;
	v1::WriteResponse response;
	grpc::ClientContext context;

	limit(context);
	request.set_device_id(settings.device);
	request.mutable_election_id()->set_low(settings.election);
	*request.mutable_updates() = { updates.begin(), updates.end() };
	return stub->Write(&context, request, &response);
}

/* bmv2 does not say why it takes no more. What there is now there was before the
 * steps. */
bool Switch::is_full(size_t at)
{
	uint32_t id = steps[at].entity.table_entry().table_id();
	int64_t rows = 0;
	v1::Entity all;

	for (size_t i = 0; i <= at; i++)
		rows += steps[i].type == v1::Update::INSERT &&
			steps[i].entity.table_entry().table_id() == id;
	if (steps[at].type != v1::Update::INSERT || !id)
		return false;
	all.mutable_table_entry()->set_table_id(id);
	try {
		return (int64_t)query(all).size() + rows > known().size(id);
	} catch (const Refused &) {
		return false;
	}
}

/* Undo what was done, the last first. */
void Switch::take_back(const std::vector<Outcome> &outcomes)
{
	std::vector<v1::Update> updates;
	grpc::Status status;

	for (size_t i = outcomes.size(); i-- > 0;) {
		Step back = steps[i];

		if (!outcomes[i].done())
			continue;
		if (back.type == v1::Update::MODIFY)
			back.entity = back.before;
		else
			back.type = back.type == v1::Update::INSERT ?
					    v1::Update::DELETE :
					    v1::Update::INSERT;
		updates.push_back(update_of(back));
	}
	if (updates.empty())
		return;
	status = send(updates);
	if (status.ok())
		return;

	std::vector<Outcome> kept(updates.size());

	read_outcomes(status, kept);
	report_warning("%zu of %zu changes could not be taken back: %s",
		       (size_t)std::count_if(kept.begin(), kept.end(),
					     [](const Outcome &o) {
						     return !o.done();
					     }),
		       steps.size(), words_of(status).c_str());
}

/* Whether the connection is, or the role; then nothing is known of the steps, or
 * none of them was done. */
bool is_lost(const grpc::Status &status)
{
	return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
	       status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
	       status.error_code() == grpc::StatusCode::PERMISSION_DENIED;
}

std::string words_of_lost(const grpc::Status &status)
{
	std::string words = words_of(status);

	if (status.error_code() != grpc::StatusCode::PERMISSION_DENIED)
		words += " What was written last may be there, all of it.";
	return words;
}

/* Return: the first that the switch did not do, or how many there are. */
size_t Switch::do_steps(std::vector<Outcome> &outcomes)
{
	std::vector<v1::Update> updates;
	size_t at = 0;

	for (const auto &step : steps)
		updates.push_back(update_of(step));

	grpc::Status status = send(updates);

	if (is_lost(status)) {
		role.reset();
		throw Refused(words_of_lost(status));
	}
	if (!read_outcomes(status, outcomes))
		throw Refused(words_of(status));
	while (at < steps.size() &&
	       (outcomes[at].done() ||
		(is_clone(steps[at]) &&
		 outcomes[at].code == grpc::StatusCode::ALREADY_EXISTS)))
		at++;
	return at;
}

/* All steps or none. */
void Switch::run()
{
	auto is_void = [](const Step &step) {
		return step.type == v1::Update::UNSPECIFIED;
	};

	steps.erase(std::remove_if(steps.begin(), steps.end(), is_void),
		    steps.end());
	if (steps.empty())
		return;
	arbitrate();

	std::vector<Outcome> outcomes(steps.size());
	size_t at;

	try {
		at = do_steps(outcomes);
	} catch (...) {
		take_back(outcomes);
		throw;
	}
	if (at == steps.size())
		return;
	take_back(outcomes);
	if (outcomes[at].code == grpc::StatusCode::UNKNOWN && is_full(at))
		outcomes[at].code = grpc::StatusCode::RESOURCE_EXHAUSTED;
	throw Refused(words_of(steps[at], outcomes[at]));
}

void Switch::write(const struct update *update)
{
	if (transaction) {
		queue(update);
		return;
	}
	abandon();
	queue(update);
	run();
}

void Switch::begin()
{
	known();
	abandon();
	transaction = true;
}

void Switch::commit()
{
	transaction = false;
	run();
}

void Switch::abandon()
{
	transaction = false;
	steps.clear();
	leaving.clear();
}

/* ---- to C ----------------------------------------------------------------- */

template <typename Work> int guarded(Work work)
{
	try {
		work();
		return RC_DONE;
	} catch (const std::exception &e) {
		return report_refused("%s", e.what());
	}
}

/* A number that takes all of the text. */
bool number(const std::string &text, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text.c_str(), &end, 10);
	return isdigit((unsigned char)text[0]) && !*end && !errno;
}

/* Nobody is elected by the id 0. */
bool set(Settings &settings, const std::string &word)
{
	size_t equals = word.find('=');
	std::string name = word.substr(0, equals);
	uint64_t value;

	if (equals == std::string::npos ||
	    !number(word.substr(equals + 1), &value))
		return false;
	if (name == "device")
		settings.device = value;
	else if (name == "election" && value)
		settings.election = value;
	else
		return false;
	return true;
}

/* HOST:PORT and what follows it. */
bool parse(Settings &settings, const char *where)
{
	std::stringstream rest(where ? where : "");
	std::string word;

	std::getline(rest, settings.address, ',');
	while (std::getline(rest, word, ','))
		if (!set(settings, word))
			return false;
	return settings.address.find(':') != std::string::npos;
}

int open_switch(const char *where, struct target **target)
{
	Settings settings;

	if (!parse(settings, where))
		return report_usage(
			"p4runtime:HOST:PORT[,device=N][,election=N] names "
			"a switch, not \"%s\".",
			where ? where : "");
	return guarded([&] {
		Switch *made = new Switch(settings);

		made->ops = &p4runtime_target;
		*target = made;
	});
}

int close_switch(struct target *target)
{
	delete switch_of(target);
	return RC_DONE;
}

int resume(struct target *target)
{
	return guarded([&] { switch_of(target)->resume(); });
}

int fits(struct target *target, const char *program, const struct entries *want)
{
	if (strchr(program, '/'))
		return report_usage("\"%s\" is no program's name.", program);
	return guarded([&] { switch_of(target)->fits(program, want); });
}

int load(struct target *target, const char *program)
{
	return guarded([&] { switch_of(target)->load(program); });
}

const char *program(struct target *target)
{
	return switch_of(target)->program();
}

int read(struct target *target, struct entries *set)
{
	return guarded([&] { switch_of(target)->read(set); });
}

int write(struct target *target, const struct update *update)
{
	return guarded([&] { switch_of(target)->write(update); });
}

int begin(struct target *target)
{
	return guarded([&] { switch_of(target)->begin(); });
}

int commit(struct target *target)
{
	return guarded([&] { switch_of(target)->commit(); });
}

void abandon(struct target *target)
{
	switch_of(target)->abandon();
}

const struct layout *layout_of(struct target *)
{
	return &v1model_layout;
}

int read_count(struct target *target, const char *counter, struct count *list,
	       size_t n)
{
	return guarded([&] { switch_of(target)->count(counter, list, n); });
}

int read_slots(struct target *target, struct slots *slots)
{
	return guarded([&] { *slots = { switch_of(target)->slots(), 0 }; });
}

} // namespace

extern "C" {

/* In the order of target.h, for C++ has it no other way yet. */
extern const struct target_ops p4runtime_target = {
	"p4runtime", open_switch, resume,     close_switch, fits,    load,
	program,     read,	  nullptr,    write,	    begin,   commit,
	abandon,     layout_of,	  read_count, read_slots,   nullptr,
};
}
