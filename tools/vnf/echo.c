// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * srp-vnf-echo: the smallest function behind a socket, for tests and to copy
 * from. It hands back every packet as it came; a function of yours looks at it
 * first, in work() below. The packets are whole IP packets, of either version.
 *
 *	srp-vnf-echo udp ADDR:PORT		one packet a datagram
 *	srp-vnf-echo tcp ADDR:PORT		a length of two octets before
 *						each packet (RFC 4571)
 *	srp-vnf-echo unix PATH			SOCK_SEQPACKET, one a message
 *	srp-vnf-echo tls ADDR:PORT psk FILE	as tcp, within TLS; FILE has
 *						lines IDENTITY:KEY as psktool
 *						writes them
 *	srp-vnf-echo tls ADDR:PORT cert FILE key FILE [ca FILE]
 *						with ca the proxy has to show
 *						a certificate, too
 *
 * An IPv6 address stands in brackets; port 0 is any that is free. One line says
 * where it listens once it does. The proxy is the one that connects; each
 * connection has a process, so that an old one that hangs is in nobody's way.
 */

#include <errno.h>
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PACKET_MAX 65535
#define HEAD 2
#define HANDSHAKE_MS 10000
#define PRIORITY                                                  \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-CIPHER-ALL:" \
	"+AES-256-GCM:+AES-128-GCM"
#define PRIORITY_PSK PRIORITY ":-KX-ALL:+ECDHE-PSK:+DHE-PSK"

/**
 * struct tls - what a TLS server needs of files
 * @psk: shared keys, or NULL
 * @cert: our certificate and its key, or NULL
 * @ask: the other side has to have a certificate, too
 */
struct tls {
	gnutls_psk_server_credentials_t psk;
	gnutls_certificate_credentials_t cert;
	bool ask;
};

/**
 * struct stream - a connection that has no bounds between packets
 * @fd: the socket
 * @session: if it is TLS, or NULL
 */
struct stream {
	int fd;
	gnutls_session_t session;
};

static void fail(const char *what)
{
	fprintf(stderr, "srp-vnf-echo: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void fail_tls(const char *what, int err)
{
	fprintf(stderr, "srp-vnf-echo: %s: %s\n", what, gnutls_strerror(err));
	exit(1);
}

static void usage(void)
{
	fputs("Usage: srp-vnf-echo { udp | tcp } ADDR:PORT\n"
	      "       srp-vnf-echo unix PATH\n"
	      "       srp-vnf-echo tls ADDR:PORT { psk FILE |\n"
	      "                    cert FILE key FILE [ ca FILE ] }\n",
	      stderr);
	exit(1);
}

/*
 * The function itself. What it returns is the length of the packet that goes
 * back, which may be another one; 0 drops it. Keep addresses, protocol and
 * ports as they are, or attach it by "match vlan"; IP and TCP or UDP checksums
 * are yours to keep right.
 */
static size_t work(uint8_t *packet, size_t len)
{
	(void)packet;
	return len;
}

/* where to listen */

/* Cut "ADDR:PORT" or "[ADDR]:PORT" in two and look it up. */
static struct addrinfo *find(char *where, int type)
{
	struct addrinfo hints = { .ai_socktype = type,
				  .ai_flags = AI_PASSIVE | AI_NUMERICHOST |
					      AI_NUMERICSERV };
	char *port = strrchr(where, ':'), *addr = where;
	struct addrinfo *found;
	int err;

	if (!port || port == where)
		usage();
	*port++ = '\0';
	if (addr[0] == '[' && port[-2] == ']') {
		port[-2] = '\0';
		addr++;
	}
	err = getaddrinfo(addr, port, &hints, &found);
	if (!err)
		return found;
	fprintf(stderr, "srp-vnf-echo: %s: %s\n", addr, gai_strerror(err));
	exit(1);
}

static void say_ready(int fd)
{
	char addr[NI_MAXHOST], port[NI_MAXSERV];
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);

	if (getsockname(fd, (struct sockaddr *)&at, &len) ||
	    getnameinfo((struct sockaddr *)&at, len, addr, sizeof(addr), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		fail("getsockname");
	printf(at.ss_family == AF_INET6 ? "listening on [%s]:%s\n" :
					  "listening on %s:%s\n",
	       addr, port);
	fflush(stdout);
}

static int bind_inet(char *where, int type)
{
	struct addrinfo *at = find(where, type);
	int one = 1, fd;

	fd = socket(at->ai_family, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, at->ai_addr, at->ai_addrlen))
		fail("bind");
	freeaddrinfo(at);
	if (type == SOCK_STREAM && listen(fd, 16))
		fail("listen");
	say_ready(fd);
	return fd;
}

static int bind_unix(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(at.sun_path))
		usage();
	strcpy(at.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fail("socket");
	unlink(path);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 16))
		fail(path);
	printf("listening on %s\n", path);
	fflush(stdout);
	return fd;
}

/* sockets that keep packets apart */

static void serve_udp(int fd)
{
	static uint8_t packet[PACKET_MAX];
	struct sockaddr_storage from;
	socklen_t len;
	ssize_t n;

	for (;;) {
		len = sizeof(from);
		n = recvfrom(fd, packet, sizeof(packet), 0,
			     (struct sockaddr *)&from, &len);
		if (n > 0)
			n = work(packet, n);
		if (n > 0)
			sendto(fd, packet, n, 0, (struct sockaddr *)&from, len);
	}
}

static void serve_unix(int fd)
{
	static uint8_t packet[PACKET_MAX];
	ssize_t n;

	while ((n = recv(fd, packet, sizeof(packet), 0)) > 0) {
		n = work(packet, n);
		if (n > 0 && send(fd, packet, n, MSG_NOSIGNAL) < 0)
			return;
	}
}

/* streams */

static ssize_t stream_read(struct stream *s, void *data, size_t len)
{
	ssize_t n;

	if (!s->session)
		return recv(s->fd, data, len, 0);
	do {
		n = gnutls_record_recv(s->session, data, len);
	} while (n < 0 && !gnutls_error_is_fatal(n));
	return n;
}

static ssize_t stream_write(struct stream *s, const void *data, size_t len)
{
	ssize_t n;

	if (!s->session)
		return send(s->fd, data, len, MSG_NOSIGNAL);
	do {
		n = gnutls_record_send(s->session, data, len);
	} while (n < 0 && !gnutls_error_is_fatal(n));
	return n;
}

static bool read_all(struct stream *s, uint8_t *data, size_t len)
{
	while (len) {
		ssize_t n = stream_read(s, data, len);

		if (n <= 0)
			return false;
		data += n;
		len -= n;
	}
	return true;
}

static bool write_all(struct stream *s, const uint8_t *data, size_t len)
{
	while (len) {
		ssize_t n = stream_write(s, data, len);

		if (n <= 0)
			return false;
		data += n;
		len -= n;
	}
	return true;
}

/* RFC 4571: the length, most significant octet first, and the packet. */
static void serve_stream(struct stream *s)
{
	static uint8_t frame[HEAD + PACKET_MAX];
	size_t len;

	while (read_all(s, frame, HEAD)) {
		len = frame[0] << 8 | frame[1];
		if (!read_all(s, frame + HEAD, len))
			return;
		len = work(frame + HEAD, len);
		if (!len)
			continue;
		frame[0] = len >> 8;
		frame[1] = len;
		if (!write_all(s, frame, HEAD + len))
			return;
	}
}

/* TLS */

static void load_tls(struct tls *tls, int argc, char **argv)
{
	const char *cert = NULL, *key = NULL, *ca = NULL, *psk = NULL;
	const gnutls_x509_crt_fmt_t pem = GNUTLS_X509_FMT_PEM;
	int err = 0;

	for (; argc > 1; argc -= 2, argv += 2) {
		if (!strcmp(argv[0], "psk"))
			psk = argv[1];
		else if (!strcmp(argv[0], "cert"))
			cert = argv[1];
		else if (!strcmp(argv[0], "key"))
			key = argv[1];
		else if (!strcmp(argv[0], "ca"))
			ca = argv[1];
		else
			usage();
	}
	if (argc || !psk == !cert || !cert != !key || (ca && !cert))
		usage();
	if (psk) {
		gnutls_psk_allocate_server_credentials(&tls->psk);
		err = gnutls_psk_set_server_credentials_file(tls->psk, psk);
		if (err < 0)
			fail_tls(psk, err);
		return;
	}
	gnutls_certificate_allocate_credentials(&tls->cert);
	err = gnutls_certificate_set_x509_key_file(tls->cert, cert, key, pem);
	if (err < 0)
		fail_tls(cert, err);
	if (ca)
		err = gnutls_certificate_set_x509_trust_file(tls->cert, ca,
							     pem);
	if (err < 0)
		fail_tls(ca, err);
	tls->ask = ca;
}

static void shake_hands(const struct tls *tls, struct stream *s)
{
	const char *priority;
	int err;

	gnutls_init(&s->session, GNUTLS_SERVER | GNUTLS_NO_TICKETS);
	priority = tls->psk ? PRIORITY_PSK : PRIORITY;
	err = gnutls_priority_set_direct(s->session, priority, NULL);
	if (err < 0)
		fail_tls("priorities", err);
	if (tls->psk)
		gnutls_credentials_set(s->session, GNUTLS_CRD_PSK, tls->psk);
	else
		gnutls_credentials_set(s->session, GNUTLS_CRD_CERTIFICATE,
				       tls->cert);
	if (tls->ask) {
		gnutls_certificate_server_set_request(s->session,
						      GNUTLS_CERT_REQUIRE);
		gnutls_session_set_verify_cert(s->session, NULL, 0);
	}
	gnutls_transport_set_int(s->session, s->fd);
	gnutls_handshake_set_timeout(s->session, HANDSHAKE_MS);
	do {
		err = gnutls_handshake(s->session);
	} while (err < 0 && !gnutls_error_is_fatal(err));
	if (err >= 0)
		return;
	gnutls_alert_send_appropriate(s->session, err);
	fail_tls("handshake", err);
}

/* Serve one connection and end; the other side sees why by our silence. */
static void serve(int fd, const char *kind, const struct tls *tls)
{
	struct stream s = { .fd = fd };
	int one = 1;

	if (!strcmp(kind, "unix")) {
		serve_unix(fd);
		exit(0);
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (!strcmp(kind, "tls"))
		shake_hands(tls, &s);
	serve_stream(&s);
	exit(0);
}

static void accept_all(int fd, const char *kind, const struct tls *tls)
{
	pid_t parent = getpid();
	int conn;

	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		conn = accept(fd, NULL, NULL);
		if (conn < 0)
			continue;
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				exit(0);
			close(fd);
			serve(conn, kind, tls);
		}
		close(conn);
	}
}

int main(int argc, char **argv)
{
	const char *kind = argc > 2 ? argv[1] : "";
	struct tls tls = { 0 };

	if (argc < 3 || (argc > 3 && strcmp(kind, "tls")))
		usage();
	if (!strcmp(kind, "tls"))
		load_tls(&tls, argc - 3, argv + 3);
	if (!strcmp(kind, "udp"))
		serve_udp(bind_inet(argv[2], SOCK_DGRAM));
	else if (!strcmp(kind, "unix"))
		accept_all(bind_unix(argv[2]), kind, &tls);
	else if (!strcmp(kind, "tcp") || !strcmp(kind, "tls"))
		accept_all(bind_inet(argv[2], SOCK_STREAM), kind, &tls);
	usage();
}
