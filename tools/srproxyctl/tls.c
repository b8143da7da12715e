// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A function behind TLS: the handshake is done here, records are the kernel's.
 * The certificate is always verified: its chain, its time, its name.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "opt.h"
#include "tls.h"

#define CONNECT_MS 5000
#define HANDSHAKE_MS 10000
#define USER_TIMEOUT_MS 10000
#define KEEP_IDLE 5
#define KEEP_INTERVAL 2
#define KEEP_COUNT 3
#define PLACE_MAX (INET6_ADDRSTRLEN + 10)

/* What the kernel has: AES-GCM, by 1.3 or, with forward secrecy, by 1.2. */
#define PRIORITY                                                  \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-CIPHER-ALL:" \
	"+AES-256-GCM:+AES-128-GCM:-RSA"
#define PRIORITY_PSK PRIORITY ":-KX-ALL:+ECDHE-PSK:+DHE-PSK"

/**
 * struct dial - one connection being made
 * @opts: how the two ends know each other
 * @to: the far end
 * @place: the far end as text, for sentences
 * @addr: its address alone, as a name for the certificate
 * @fd: the socket
 * @session: the library's
 * @why: filled on failure
 */
struct dial {
	const struct tls_opts *opts;
	const struct sockaddr *to;
	char place[PLACE_MAX];
	char addr[INET6_ADDRSTRLEN];
	int fd;
	gnutls_session_t session;
	struct why *why;
};

/**
 * why_set - say what went wrong
 * @why: where it goes
 * @fmt: a sentence without its end, as for printf
 *
 * The library's own sentences end with a stop, which is left away.
 *
 * Return: -1, for the caller to pass on.
 */
int why_set(struct why *why, const char *fmt, ...)
{
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	len = strlen(why->text);
	if (len && why->text[len - 1] == '.')
		why->text[len - 1] = '\0';
	return -1;
}

/* command line */

static const char **find_opt(struct tls_opts *opts, const char *word)
{
	if (!strcmp(word, "psk"))
		return &opts->psk;
	if (!strcmp(word, "identity"))
		return &opts->identity;
	if (!strcmp(word, "ca"))
		return &opts->ca;
	if (!strcmp(word, "cert"))
		return &opts->cert;
	if (!strcmp(word, "key"))
		return &opts->key;
	if (!strcmp(word, "name"))
		return &opts->name;
	return NULL;
}

/**
 * tls_given - whether there is what a handshake takes
 * @opts: as tls_take() left them
 *
 * Return: true if so.
 */
bool tls_given(const struct tls_opts *opts)
{
	return opts->psk || opts->ca;
}

static int check_opts(const struct tls_opts *opts)
{
	if (opts->psk && (opts->ca || opts->cert || opts->key || opts->name))
		return report_usage("\"psk\" stands alone.");
	if (opts->identity && !opts->psk)
		return report_usage("\"identity\" goes with \"psk\".");
	if (!opts->cert != !opts->key)
		return report_usage("\"cert\" and \"key\" go together.");
	if ((opts->cert || opts->name) && !opts->ca)
		return report_usage("\"ca FILE\" is missing.");
	return RC_DONE;
}

/**
 * tls_take - read the words after "tls", up to the first that is not of it
 * @args: the command line
 * @opts: where they go
 *
 * Return: RC_DONE or RC_USAGE.
 */
int tls_take(struct args *args, struct tls_opts *opts)
{
	const char **opt;
	const char *word;

	*opts = (struct tls_opts){ 0 };
	while (args_peek(args)) {
		opt = find_opt(opts, args_peek(args));
		if (!opt)
			break;
		word = args_take(args);
		*opt = args_value(args, word);
		if (!*opt)
			return RC_USAGE;
	}
	return check_opts(opts);
}

/* connecting */

static void name_place(struct dial *dial)
{
	const struct sockaddr_in6 *in6 = (const void *)dial->to;
	const struct sockaddr_in *in = (const void *)dial->to;
	bool v6 = dial->to->sa_family == AF_INET6;
	const void *addr = v6 ? (const void *)&in6->sin6_addr : &in->sin_addr;

	inet_ntop(dial->to->sa_family, addr, dial->addr, sizeof(dial->addr));
	snprintf(dial->place, sizeof(dial->place), v6 ? "[%s]:%u" : "%s:%u",
		 dial->addr, ntohs(v6 ? in6->sin6_port : in->sin_port));
}

/* Whether a connection came to be within the time; the reason in errno. */
static bool await_connect(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	int err = 0, ret;
	socklen_t len = sizeof(err);

	do {
		ret = poll(&wait, 1, CONNECT_MS);
	} while (ret < 0 && errno == EINTR);
	if (!ret)
		errno = ETIMEDOUT;
	if (ret <= 0)
		return false;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	errno = err;
	return !err;
}

static void set_number(int fd, int option, int value)
{
	setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value));
}

/* A far end whose machine has gone is noticed within some ten seconds. */
static void set_options(int fd)
{
	int one = 1;

	set_number(fd, TCP_NODELAY, 1);
	set_number(fd, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
	set_number(fd, TCP_KEEPIDLE, KEEP_IDLE);
	set_number(fd, TCP_KEEPINTVL, KEEP_INTERVAL);
	set_number(fd, TCP_KEEPCNT, KEEP_COUNT);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
}

static int dial_tcp(struct dial *dial)
{
	socklen_t len = dial->to->sa_family == AF_INET6 ?
				sizeof(struct sockaddr_in6) :
				sizeof(struct sockaddr_in);

	dial->fd = socket(dial->to->sa_family,
			  SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (dial->fd < 0)
		return why_set(dial->why, "a socket: %s", strerror(errno));
	if (connect(dial->fd, dial->to, len) &&
	    (errno != EINPROGRESS || !await_connect(dial->fd)))
		return why_set(dial->why, "connecting to %s: %s", dial->place,
			       strerror(errno));
	fcntl(dial->fd, F_SETFL, 0);
	set_options(dial->fd);
	return ktls_attach(dial->fd, dial->why);
}

/* the handshake */

/* What is wrong with a certificate, the most telling first. */
static const struct {
	unsigned int flag;
	const char *text;
} faults[] = {
	{ GNUTLS_CERT_SIGNER_NOT_FOUND, "is signed by none of those in" },
	{ GNUTLS_CERT_SIGNER_NOT_CA, "is signed by none of those in" },
	{ GNUTLS_CERT_SIGNATURE_FAILURE, "is signed by none of those in" },
	{ GNUTLS_CERT_REVOKED, "has been revoked" },
	{ GNUTLS_CERT_EXPIRED, "has expired" },
	{ GNUTLS_CERT_NOT_ACTIVATED, "is not valid yet" },
	{ GNUTLS_CERT_UNEXPECTED_OWNER, "is not for" },
	{ GNUTLS_CERT_PURPOSE_MISMATCH, "is not one of a server" },
	{ GNUTLS_CERT_INSECURE_ALGORITHM, "is signed by a weak algorithm" },
	{ 0, "cannot be trusted" },
};

static int bad_certificate(struct dial *dial)
{
	unsigned int status =
		gnutls_session_get_verify_cert_status(dial->session);
	const char *detail = "";
	size_t i = 0;

	while (faults[i].flag && !(status & faults[i].flag))
		i++;
	if (faults[i].flag == GNUTLS_CERT_UNEXPECTED_OWNER)
		detail = dial->opts->name ? dial->opts->name : dial->addr;
	else if (i < 3)
		detail = dial->opts->ca;
	return why_set(dial->why, "the certificate of %s %s%s%s", dial->place,
		       faults[i].text, *detail ? " " : "", detail);
}

static int explain(struct dial *dial, int err)
{
	const char *text = gnutls_strerror(err);

	if (err == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
		return bad_certificate(dial);
	if (err == GNUTLS_E_TIMEDOUT)
		return why_set(dial->why,
			       "%s did not finish the handshake within %d s",
			       dial->place, HANDSHAKE_MS / 1000);
	if (err == GNUTLS_E_FATAL_ALERT_RECEIVED ||
	    err == GNUTLS_E_WARNING_ALERT_RECEIVED) {
		text = gnutls_alert_get_name(gnutls_alert_get(dial->session));
		return why_set(dial->why, "%s refused the handshake%s: %s",
			       dial->place,
			       dial->opts->psk ? ", perhaps another key" : "",
			       text ? text : "an unknown alert");
	}
	return why_set(dial->why, "the handshake with %s%s: %s", dial->place,
		       dial->opts->psk ? ", perhaps another key" : "", text);
}

static bool is_address(const char *name)
{
	struct in6_addr addr;

	return inet_pton(AF_INET, name, &addr) == 1 ||
	       inet_pton(AF_INET6, name, &addr) == 1;
}

/* An address as a name is compared with the addresses of the certificate. */
static void expect_name(struct dial *dial)
{
	const char *name = dial->opts->name ? dial->opts->name : dial->addr;

	gnutls_session_set_verify_cert(dial->session, name, 0);
	if (!is_address(name))
		gnutls_server_name_set(dial->session, GNUTLS_NAME_DNS, name,
				       strlen(name));
}

static int prepare(struct dial *dial, const struct tls_creds *creds)
{
	const char *priority;
	int err;

	err = gnutls_init(&dial->session,
			  GNUTLS_CLIENT | GNUTLS_NO_TICKETS | GNUTLS_NO_SIGNAL);
	if (err)
		return err;
	priority = creds->psk ? PRIORITY_PSK : PRIORITY;
	err = gnutls_priority_set_direct(dial->session, priority, NULL);
	if (err)
		return err;
	gnutls_transport_set_int(dial->session, dial->fd);
	gnutls_handshake_set_timeout(dial->session, HANDSHAKE_MS);
	if (creds->psk)
		return gnutls_credentials_set(dial->session, GNUTLS_CRD_PSK,
					      creds->psk);
	expect_name(dial);
	return gnutls_credentials_set(dial->session, GNUTLS_CRD_CERTIFICATE,
				      creds->cert);
}

/*
 * With TLS 1.3 a far end that wants a certificate says so only after what is
 * the end of the handshake here: the function would be up, and down again.
 */
static int check_asked(struct dial *dial)
{
	if (dial->opts->psk || dial->opts->cert ||
	    !gnutls_certificate_client_get_request_status(dial->session))
		return 0;
	return why_set(dial->why,
		       "%s asks for a certificate: give \"cert\" and \"key\"",
		       dial->place);
}

static int shake_hands(struct dial *dial, const struct tls_creds *creds)
{
	int err;

	err = prepare(dial, creds);
	while (!err) {
		err = gnutls_handshake(dial->session);
		if (!err)
			return check_asked(dial) ||
			       ktls_set_keys(dial->fd, dial->session,
					     dial->why);
		if (!gnutls_error_is_fatal(err))
			err = 0;
	}
	if (dial->session)
		gnutls_alert_send_appropriate(dial->session, err);
	return explain(dial, err);
}

/**
 * tls_connect - a connection whose records the kernel makes and opens
 * @opts: how the two ends know each other; files are read anew each time
 * @to: the far end
 * @why: filled on failure
 *
 * Return: the socket, or -1.
 */
int tls_connect(const struct tls_opts *opts, const struct sockaddr *to,
		struct why *why)
{
	struct dial dial = { .opts = opts, .to = to, .fd = -1, .why = why };
	struct tls_creds creds;
	int ret;

	name_place(&dial);
	ret = tls_creds_load(&creds, opts, why);
	if (!ret)
		ret = dial_tcp(&dial);
	if (!ret)
		ret = shake_hands(&dial, &creds);
	if (dial.session)
		gnutls_deinit(dial.session);
	tls_creds_free(&creds);
	if (!ret)
		return dial.fd;
	if (dial.fd >= 0)
		close(dial.fd);
	return -1;
}
