// SPDX-License-Identifier: Apache-2.0
/*
 * A switch for tests that speaks P4Runtime: its entries are kept in memory, and
 * it fails as a real one does not when it is asked to.
 *
 * fakep4rt PORT [mute] [clones=CODE] [deny=N] [lose=N]
 *	mute		it does not answer who may write
 *	clones=CODE	it takes no session of clones, for that reason
 *	deny=N		behind N messages another controller has it
 *	lose=N		the N-th message is done, and its answer lost
 *
 * A line on stdout is a message and how many updates it had.
 */

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <mutex>
#include <string>

#include <grpcpp/grpcpp.h>

#include "google/rpc/status.pb.h"
#include "p4/v1/p4runtime.grpc.pb.h"

namespace
{

namespace v1 = p4::v1;
using grpc::Status;
using grpc::StatusCode;

using Stream = grpc::ServerReaderWriter<v1::StreamMessageResponse,
					v1::StreamMessageRequest>;

class Switch final : public v1::P4Runtime::Service {
    public:
	explicit Switch(std::map<std::string, int> faults)
		: faults(faults)
	{
	}

	Status StreamChannel(grpc::ServerContext *, Stream *stream) override;
	Status Write(grpc::ServerContext *, const v1::WriteRequest *request,
		     v1::WriteResponse *) override;
	Status Read(grpc::ServerContext *, const v1::ReadRequest *request,
		    grpc::ServerWriter<v1::ReadResponse> *writer) override;
	Status SetForwardingPipelineConfig(
		grpc::ServerContext *,
		const v1::SetForwardingPipelineConfigRequest *request,
		v1::SetForwardingPipelineConfigResponse *) override;
	Status GetForwardingPipelineConfig(
		grpc::ServerContext *,
		const v1::GetForwardingPipelineConfigRequest *,
		v1::GetForwardingPipelineConfigResponse *response) override;

    private:
	void tell_all();
	bool may_write(const v1::Uint128 &election);
	int update(const v1::Update &update);
	int fault(const char *name);

	std::mutex lock; /* of all that follows */
	std::map<std::string, int> faults;
	std::map<uint64_t, Stream *, std::greater<uint64_t> > controllers;
	std::map<std::string, v1::Entity> entities;
	v1::ForwardingPipelineConfig program;
	int messages = 0;
};

int Switch::fault(const char *name)
{
	auto found = faults.find(name);

	return found == faults.end() ? 0 : found->second;
}

/* ---- who writes ------------------------------------------------------------ */

void Switch::tell_all()
{
	for (auto &controller : controllers) {
		v1::StreamMessageResponse response;
		bool first = controller.second == controllers.begin()->second;

		response.mutable_arbitration()->mutable_status()->set_code(
			first ? StatusCode::OK : StatusCode::ALREADY_EXISTS);
		controller.second->Write(response);
	}
}

Status Switch::StreamChannel(grpc::ServerContext *, Stream *stream)
{
	v1::StreamMessageRequest request;
	uint64_t id = 0;

	while (stream->Read(&request)) {
		std::lock_guard<std::mutex> held(lock);

		if (fault("mute"))
			continue;
		id = request.arbitration().election_id().low();
		if (controllers.count(id))
			return Status(StatusCode::INVALID_ARGUMENT,
				      "Election id already exists");
		controllers[id] = stream;
		tell_all();
	}
	std::lock_guard<std::mutex> held(lock);

	controllers.erase(id);
	tell_all();
	return Status::OK;
}

bool Switch::may_write(const v1::Uint128 &election)
{
	return !controllers.empty() &&
	       controllers.begin()->first == election.low() &&
	       !(fault("deny") && messages >= fault("deny"));
}

/* ---- entries --------------------------------------------------------------- */

/* What tells an entry from others. */
std::string place_of(const v1::Entity &entity)
{
	const auto &engine = entity.packet_replication_engine_entry();
	const v1::TableEntry &entry = entity.table_entry();
	v1::TableEntry place;

	if (!entity.has_table_entry())
		return std::to_string(
			engine.clone_session_entry().session_id());
	place.set_table_id(entry.table_id());
	place.set_priority(entry.priority());
	*place.mutable_match() = entry.match();
	return place.SerializeAsString();
}

int Switch::update(const v1::Update &update)
{
	const v1::Entity &entity = update.entity();
	bool clone = entity.has_packet_replication_engine_entry();
	std::string place = place_of(entity);
	bool there = entities.count(place);

	if (clone && fault("clones"))
		return fault("clones");
	if (update.type() == v1::Update::INSERT && there)
		return StatusCode::ALREADY_EXISTS;
	if (update.type() != v1::Update::INSERT && !there)
		return StatusCode::NOT_FOUND;
	if (update.type() == v1::Update::DELETE)
		entities.erase(place);
	else
		entities[place] = entity;
	return StatusCode::OK;
}

Status Switch::Write(grpc::ServerContext *, const v1::WriteRequest *request,
		     v1::WriteResponse *)
{
	std::lock_guard<std::mutex> held(lock);
	google::rpc::Status details;
	bool all = true;

	std::cout << request->updates_size() << std::endl;
	if (!may_write(request->election_id()))
		return Status(StatusCode::PERMISSION_DENIED, "Not primary");
	messages++;
	for (const auto &one : request->updates()) {
		v1::Error error;

		error.set_canonical_code(update(one));
		if (error.canonical_code()) {
			error.set_message("it is told to");
			all = false;
		}
		details.add_details()->PackFrom(error);
	}
	if (messages == fault("lose"))
		return Status(StatusCode::UNAVAILABLE, "gone");
	if (all)
		return Status::OK;
	details.set_code(StatusCode::UNKNOWN);
	return Status(StatusCode::UNKNOWN, "", details.SerializeAsString());
}

Status Switch::Read(grpc::ServerContext *, const v1::ReadRequest *request,
		    grpc::ServerWriter<v1::ReadResponse> *writer)
{
	std::lock_guard<std::mutex> held(lock);
	v1::ReadResponse response;

	if (!program.has_p4info())
		return Status(StatusCode::FAILED_PRECONDITION, "no program");
	for (const auto &entity : entities)
		for (const auto &asked : request->entities())
			if (asked.has_table_entry() &&
			    asked.table_entry().table_id() ==
				    entity.second.table_entry().table_id())
				*response.add_entities() = entity.second;
	writer->Write(response);
	return Status::OK;
}

/* ---- the program ----------------------------------------------------------- */

Status Switch::SetForwardingPipelineConfig(
	grpc::ServerContext *,
	const v1::SetForwardingPipelineConfigRequest *request,
	v1::SetForwardingPipelineConfigResponse *)
{
	std::lock_guard<std::mutex> held(lock);

	if (!may_write(request->election_id()))
		return Status(StatusCode::PERMISSION_DENIED, "Not primary");
	program = request->config();
	entities.clear();
	return Status::OK;
}

Status Switch::GetForwardingPipelineConfig(
	grpc::ServerContext *, const v1::GetForwardingPipelineConfigRequest *,
	v1::GetForwardingPipelineConfigResponse *response)
{
	std::lock_guard<std::mutex> held(lock);

	if (!program.has_p4info())
		return Status(StatusCode::FAILED_PRECONDITION, "no program");
	*response->mutable_config()->mutable_p4info() = program.p4info();
	return Status::OK;
}

} // namespace

int main(int argc, char **argv)
{
	std::map<std::string, int> faults;
	std::string address = "127.0.0.1:";
	grpc::ServerBuilder builder;

	for (int i = 2; i < argc; i++) {
		const char *equals = strchr(argv[i], '=');
		std::string name(argv[i],
				 equals ? equals - argv[i] : strlen(argv[i]));

		faults[name] = equals ? atoi(equals + 1) : 1;
	}

	Switch fake(faults);

	address += argc > 1 ? argv[1] : "0";
	builder.AddListeningPort(address, grpc::InsecureServerCredentials());
	builder.RegisterService(&fake);

	std::unique_ptr<grpc::Server> server = builder.BuildAndStart();

	if (!server)
		return 1;
	server->Wait();
	return 0;
}
