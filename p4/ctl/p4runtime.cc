// SPDX-License-Identifier: Apache-2.0
/*
 * A switch that speaks P4Runtime: bmv2's simple_switch_grpc, for one.
 *
 * p4runtime:HOST:PORT[,device=N][,election=N]
 *
 * A program NAME is NAME.json and NAME.p4info.txtpb in the directory SRP4_PROGRAMS
 * of the environment. What is only read needs no arbitration: show and counters
 * work beside another controller.
 */

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <future>
#include <memory>
#include <sstream>

#include <google/protobuf/text_format.h>
#include <grpcpp/grpcpp.h>

#include "google/rpc/status.pb.h"
#include "p4/v1/p4runtime.grpc.pb.h"
#include "p4rt.h"

extern "C" {
#include "report.h"
#include "target.h"
}

namespace
{

namespace v1 = p4::v1;
using p4rt::Program;
using p4rt::Refused;

const int CONNECT_SECONDS = 15;
const int RPC_SECONDS = 120;
const int BATCH = 100;
const int DETAILS = 1 << 20; /* room for a batch of errors, in octets */
const char PROGRAMS[] = "/usr/share/srproxy/p4";

/** A change of one of the switch's entries */
struct Step {
	v1::Update::Type type;
	v1::Entity entity;
	v1::Entity before; /* of a MODIFY */
	std::string what; /* the logical entry's table and key */
	std::string table;
};

/** Why a switch did not do a step; done: it did */
struct Outcome {
	int code = 0;
	std::string message;

	bool done() const
	{
		return code == 0;
	}
};

struct Settings {
	std::string address;
	uint64_t device = 0;
	uint64_t election = 1;
};

class Switch : public target {
    public:
	explicit Switch(const Settings &settings);
	~Switch();

	void load(const std::string &name);
	const char *program();
	void read(struct entries *set);
	void write(const struct update *update);
	void begin();
	void commit();
	void count(const char *counter, struct count *list, size_t n);

    private:
	void arbitrate();
	void fetch_program();
	const Program &known();
	void rows(const std::string &table, struct rows *rows);
	static bool fetch(void *from, const char *table, struct rows *rows,
			  char *why);
	std::vector<v1::Entity> query(const v1::Entity &entity);
	void queue(const struct update *update);
	void run();
	bool send(size_t from, size_t to, std::vector<Outcome> &outcomes);
	bool is_full(const Step &step);
	void take_back(const std::vector<Outcome> &outcomes);

	Settings settings;
	std::shared_ptr<grpc::Channel> channel;
	std::unique_ptr<v1::P4Runtime::Stub> stub;
	grpc::ClientContext stream_context;
	std::unique_ptr<grpc::ClientReaderWriter<v1::StreamMessageRequest,
						 v1::StreamMessageResponse> >
		stream;
	bool primary = false;
	std::unique_ptr<Program> there; /* the switch's program, once known */
	bool transaction = false;
	std::vector<Step> steps;
};

Switch *switch_of(struct target *target)
{
	return static_cast<Switch *>(target);
}

/* ---- what went wrong, in words -------------------------------------------- */

std::string words_of(const grpc::Status &status)
{
	switch (status.error_code()) {
	case grpc::StatusCode::UNAVAILABLE:
		return "the connection to the switch is lost.";
	case grpc::StatusCode::DEADLINE_EXCEEDED:
		return "the switch does not answer.";
	case grpc::StatusCode::PERMISSION_DENIED:
		return "another controller has the switch.";
	default:
		return "the switch refused: " + status.error_message() + ".";
	}
}

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
	channel = grpc::CreateCustomChannel(settings.address,
					    grpc::InsecureChannelCredentials(),
					    arguments);
	if (!channel->WaitForConnected(std::chrono::system_clock::now() +
				       std::chrono::seconds(CONNECT_SECONDS)))
		throw Refused("no switch answers at " + settings.address + ".");
	stub = v1::P4Runtime::NewStub(channel);
	fetch_program();
}

Switch::~Switch()
{
	if (!stream)
		return;
	stream->WritesDone();
	stream_context.TryCancel();
	stream->Finish();
}

/* Become the one that writes. The answer has to come in time: a stream has no
 * deadline of its own. */
void Switch::arbitrate()
{
	v1::StreamMessageRequest request;
	v1::StreamMessageResponse response;
	auto *want = request.mutable_arbitration();

	if (primary)
		return;
	if (stream)
		throw Refused("another controller has the switch.");
	want->set_device_id(settings.device);
	want->mutable_election_id()->set_low(settings.election);
	stream = stub->StreamChannel(&stream_context);
	stream->Write(request);
	auto answer = std::async(std::launch::async,
				 [&] { return stream->Read(&response); });
	if (answer.wait_for(std::chrono::seconds(RPC_SECONDS)) !=
	    std::future_status::ready)
		stream_context.TryCancel();
	if (!answer.get() || !response.has_arbitration() ||
	    response.arbitration().status().code())
		throw Refused("another controller has the switch.");
	primary = true;
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

/* The switch gets the program whole or keeps its own. */
void Switch::load(const std::string &name)
{
	const char *directory = getenv("SRP4_PROGRAMS");
	std::string base =
		std::string(directory ? directory : PROGRAMS) + "/" + name;
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

	if (!layout_gather(&p4rt::v1model_layout, fetch, this, set, why))
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

void Switch::queue(const struct update *update)
{
	const struct entry *entry = update->entry;
	auto to = known().lay_out(entry);
	auto from = update->before ? known().lay_out(update->before) : to;
	Step step;

	step.table = entry->table->name;
	step.what = step.table + " " + entry->key;
	step.type = update->write == WRITE_ADD	  ? v1::Update::INSERT :
		    update->write == WRITE_CHANGE ? v1::Update::MODIFY :
						    v1::Update::DELETE;
	for (size_t i = 0; i < to.size(); i++) {
		/* what leads to others goes in last, and out first */
		size_t at =
			step.type == v1::Update::DELETE ? to.size() - 1 - i : i;
		bool clone = to[at].has_packet_replication_engine_entry();
		Step one = step;

		/* a port's session of clones stays: others may use it */
		if (clone && step.type == v1::Update::DELETE)
			continue;
		if (clone)
			one.type = v1::Update::INSERT;
		one.entity = to[at];
		one.before = from[at];
		steps.push_back(one);
	}
}

v1::Update update_of(const Step &step)
{
	v1::Update update;

	update.set_type(step.type);
	*update.mutable_entity() = step.entity;
	return update;
}

/* What became of each step of a Write, as the switch says. */
void read_outcomes(const grpc::Status &status, Outcome *outcomes, size_t n)
{
	google::rpc::Status details;

	if (status.ok())
		return;
	for (size_t i = 0; i < n; i++) {
		outcomes[i].code = status.error_code();
		outcomes[i].message = status.error_message();
	}
	if (!details.ParseFromString(status.error_details()) ||
	    details.details_size() != (int)n)
		return;
	for (size_t i = 0; i < n; i++) {
		v1::Error error;

		if (!details.details(i).UnpackTo(&error))
			continue;
		outcomes[i].code = error.canonical_code();
		outcomes[i].message = error.message();
	}
}

/* One Write; false: not all of it was done. */
bool Switch::send(size_t from, size_t to, std::vector<Outcome> &outcomes)
{
	v1::WriteRequest request;
	v1::WriteResponse response;
	grpc::ClientContext context;
	bool all = true;

	limit(context);
	request.set_device_id(settings.device);
	request.mutable_election_id()->set_low(settings.election);
	for (size_t i = from; i < to; i++)
		*request.add_updates() = update_of(steps[i]);
	grpc::Status status = stub->Write(&context, request, &response);
	if (status.error_code() == grpc::StatusCode::UNAVAILABLE ||
	    status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
	    status.error_code() == grpc::StatusCode::PERMISSION_DENIED) {
		for (size_t i = from; i < to; i++)
			outcomes[i].code = status.error_code();
		throw Refused(words_of(status));
	}
	read_outcomes(status, &outcomes[from], to - from);
	for (size_t i = from; i < to; i++)
		if (!outcomes[i].done() &&
		    !(outcomes[i].code == grpc::StatusCode::ALREADY_EXISTS &&
		      steps[i].entity.has_packet_replication_engine_entry()))
			all = false;
	return all;
}

/* bmv2 does not say why it takes no more. */
bool Switch::is_full(const Step &step)
{
	uint32_t id = step.entity.table_entry().table_id();
	v1::Entity all;

	if (step.type != v1::Update::INSERT || !id)
		return false;
	all.mutable_table_entry()->set_table_id(id);
	try {
		return (int64_t)query(all).size() >= known().size(id);
	} catch (const Refused &) {
		return false;
	}
}

/* Undo what was done, the last first. */
void Switch::take_back(const std::vector<Outcome> &outcomes)
{
	v1::WriteRequest request;
	v1::WriteResponse response;
	grpc::ClientContext context;
	grpc::Status status;

	limit(context);
	request.set_device_id(settings.device);
	request.mutable_election_id()->set_low(settings.election);
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
		*request.add_updates() = update_of(back);
	}
	if (!request.updates_size())
		return;
	status = stub->Write(&context, request, &response);
	if (!status.ok())
		report_warning("what was written could not be taken back: %s",
			       words_of(status).c_str());
}

/* All steps or none. */
void Switch::run()
{
	std::vector<Outcome> outcomes(steps.size());
	size_t at = 0, end, i;

	for (auto &outcome : outcomes)
		outcome.code = grpc::StatusCode::ABORTED;
	try {
		for (; at < steps.size(); at = end) {
			end = std::min(at + BATCH, steps.size());
			for (i = at; i < end; i++)
				outcomes[i] = Outcome();
			if (send(at, end, outcomes))
				continue;
			for (i = at;
			     outcomes[i].done() ||
			     steps[i].entity
				     .has_packet_replication_engine_entry();
			     i++)
				;
			if (outcomes[i].code == grpc::StatusCode::UNKNOWN &&
			    is_full(steps[i]))
				outcomes[i].code =
					grpc::StatusCode::RESOURCE_EXHAUSTED;
			throw Refused(words_of(steps[i], outcomes[i]));
		}
	} catch (const Refused &) {
		take_back(outcomes);
		throw;
	}
}

void Switch::write(const struct update *update)
{
	if (!transaction)
		steps.clear();
	queue(update);
	if (transaction)
		return;
	arbitrate();
	run();
}

void Switch::begin()
{
	known();
	steps.clear();
	transaction = true;
}

void Switch::commit()
{
	transaction = false;
	if (steps.empty())
		return;
	arbitrate();
	run();
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

bool set(Settings &settings, const std::string &word)
{
	size_t equals = word.find('=');
	std::string name = word.substr(0, equals);
	char *end;
	uint64_t value;

	if (equals == std::string::npos || equals + 1 == word.size())
		return false;
	value = strtoull(word.c_str() + equals + 1, &end, 10);
	if (*end)
		return false;
	if (name == "device")
		settings.device = value;
	else if (name == "election")
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

struct target *open_switch(const char *where)
{
	Settings settings;
	Switch *made = nullptr;

	if (!parse(settings, where)) {
		report_usage(
			"p4runtime:HOST:PORT[,device=N][,election=N] names "
			"a switch, not \"%s\".",
			where ? where : "");
		return nullptr;
	}
	guarded([&] { made = new Switch(settings); });
	if (made)
		made->ops = &p4runtime_target;
	return made;
}

int close_switch(struct target *target)
{
	delete switch_of(target);
	return RC_DONE;
}

int load(struct target *target, const char *program)
{
	if (strchr(program, '/'))
		return report_usage("\"%s\" is no program's name.", program);
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

int read_count(struct target *target, const char *counter, struct count *list,
	       size_t n)
{
	return guarded([&] { switch_of(target)->count(counter, list, n); });
}

} // namespace

extern "C" {

extern const struct target_ops p4runtime_target = {
	"p4runtime", open_switch, close_switch, load,  program, read,
	nullptr,     write,	  begin,	commit, read_count, nullptr,
};
}
