/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRP4_P4RT_ROLE_H
#define SRP4_P4RT_ROLE_H

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <grpcpp/grpcpp.h>

#include "p4/v1/p4runtime.grpc.pb.h"
#include "p4rt.h"

namespace p4rt
{

/** Which switch, and as whom */
struct Settings {
	std::string address;
	uint64_t device = 0;
	uint64_t election = 1;
};

std::string words_of(const grpc::Status &status);

/**
 * The role of the one controller that writes. It is ours as long as the switch
 * says so, on a stream of which a thread reads; another controller may take it
 * at any time, and it ends with the connection. Who has lost it makes a new one.
 */
class Role {
    public:
	Role(p4::v1::P4Runtime::Stub &stub, const Settings &settings);
	~Role();
	/* Wait until it is ours; throws Refused if it is not. */
	void await();
	bool is_ours();

    private:
	enum State { ASKED, OURS, OTHERS, ENDED };

	void listen();
	void become(State now);

	grpc::ClientContext context;
	std::unique_ptr<grpc::ClientReaderWriter<
		p4::v1::StreamMessageRequest, p4::v1::StreamMessageResponse> >
		stream;
	std::mutex lock; /* of state and end */
	std::condition_variable changed;
	State state = ASKED;
	grpc::Status end; /* why the stream ended */
	std::thread listener;
};

} // namespace p4rt

#endif
