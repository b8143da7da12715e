// SPDX-License-Identifier: Apache-2.0
/* Who writes to a switch: arbitration among controllers. */

#include <chrono>

#include "p4rt_role.h"

namespace p4rt
{

namespace v1 = p4::v1;

const std::chrono::seconds ANSWER(15);
const std::chrono::seconds LEAVE(2);

/* What went wrong, in words. */
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

Role::Role(v1::P4Runtime::Stub &stub, const Settings &settings)
{
	v1::StreamMessageRequest request;
	auto *want = request.mutable_arbitration();

	want->set_device_id(settings.device);
	want->mutable_election_id()->set_low(settings.election);
	stream = stub.StreamChannel(&context);
	stream->Write(request);
	listener = std::thread([this] { listen(); });
}

/* A switch that has heard us leave has the role for who asks next. */
Role::~Role()
{
	stream->WritesDone();
	{
		std::unique_lock<std::mutex> held(lock);

		changed.wait_for(held, LEAVE,
				 [this] { return state == ENDED; });
	}
	context.TryCancel();
	listener.join();
}

void Role::become(State now)
{
	std::lock_guard<std::mutex> held(lock);

	state = now;
	changed.notify_all();
}

void Role::listen()
{
	v1::StreamMessageResponse response;

	while (stream->Read(&response))
		if (response.has_arbitration())
			become(response.arbitration().status().code() ? OTHERS :
									OURS);
	end = stream->Finish();
	become(ENDED);
}

bool Role::is_ours()
{
	std::lock_guard<std::mutex> held(lock);

	return state == OURS;
}

void Role::await()
{
	std::unique_lock<std::mutex> held(lock);

	changed.wait_for(held, ANSWER, [this] { return state != ASKED; });
	switch (state) {
	case OURS:
		return;
	case ASKED:
		throw Refused(
			"the switch does not answer who may write to it.");
	case OTHERS:
		throw Refused("another controller has the switch.");
	case ENDED:
		break;
	}
	throw Refused(end.ok() ? "the switch ended the connection." :
				 words_of(end));
}

} // namespace p4rt
