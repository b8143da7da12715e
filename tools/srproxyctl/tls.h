/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_TLS_H
#define SRPROXYCTL_TLS_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "args.h"
#include "compiler.h"

#define WHY_MAX 512

/**
 * struct tls_opts - how two ends know each other, as files
 * @psk: lines of IDENTITY:KEY, or NULL
 * @identity: which of these lines, or NULL for the first
 * @ca: certificates that the far end's is to be signed by, or NULL
 * @cert: our certificate, or NULL
 * @key: its key, with @cert
 * @name: what the far end's certificate is to be for, or NULL for its address
 *
 * Either @psk or @ca is given, or nothing.
 */
struct tls_opts {
	const char *psk;
	const char *identity;
	const char *ca;
	const char *cert;
	const char *key;
	const char *name;
};

/**
 * struct why - what went wrong, as a sentence without its end
 * @text: the sentence
 */
struct why {
	char text[WHY_MAX];
};

int why_set(struct why *why, const char *fmt, ...) __printf(2, 3);

/* tls.c */
bool tls_given(const struct tls_opts *opts);
int tls_take(struct args *args, struct tls_opts *opts);
int tls_connect(const struct tls_opts *opts, const struct sockaddr *to,
		struct why *why);

/* tls_creds.c */
/**
 * struct tls_creds - what the library made of struct tls_opts
 * @psk: the shared key, or NULL
 * @cert: certificates, or NULL
 */
struct tls_creds {
	gnutls_psk_client_credentials_t psk;
	gnutls_certificate_credentials_t cert;
};

int tls_creds_load(struct tls_creds *creds, const struct tls_opts *opts,
		   struct why *why);
void tls_creds_free(struct tls_creds *creds);

/* ktls.c */
int ktls_attach(int fd, struct why *why);
int ktls_set_keys(int fd, gnutls_session_t session, struct why *why);

#endif
