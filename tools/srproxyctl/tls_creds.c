// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys and certificates of TLS, from files. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tls.h"

/* Others could read the key: they could then be the far end, or we. */
static int check_secret(const char *path, struct why *why)
{
	struct stat st;

	if (stat(path, &st))
		return why_set(why, "%s: %s", path, strerror(errno));
	if (st.st_mode & 0007)
		return why_set(why,
			       "%s: others may use it, try \"chmod 600 %s\"",
			       path, path);
	return 0;
}

/* shared keys */

/* Cut "IDENTITY:KEY", give the key, NULL if the line is not that. */
static char *cut_line(char *line)
{
	char *key;

	line[strcspn(line, "\r\n")] = '\0';
	key = strrchr(line, ':');
	if (!key || key == line || !key[1])
		return NULL;
	*key = '\0';
	return key + 1;
}

static int set_psk(struct tls_creds *creds, const struct tls_opts *opts,
		   const char *identity, const char *key, struct why *why)
{
	const gnutls_datum_t datum = { (unsigned char *)key, strlen(key) };
	const gnutls_psk_key_flags hex = GNUTLS_PSK_KEY_HEX;
	int err;

	err = gnutls_psk_allocate_client_credentials(&creds->psk);
	if (!err)
		err = gnutls_psk_set_client_credentials(creds->psk, identity,
							&datum, hex);
	if (!err)
		return 0;
	return why_set(why, "%s: the key of \"%s\": %s", opts->psk, identity,
		       gnutls_strerror(err));
}

static int find_psk(struct tls_creds *creds, const struct tls_opts *opts,
		    FILE *file, struct why *why)
{
	char *line = NULL, *key = NULL;
	size_t room = 0;
	int ret;

	while (getline(&line, &room, file) >= 0) {
		key = cut_line(line);
		if (key && (!opts->identity || !strcmp(line, opts->identity)))
			break;
		key = NULL;
	}
	if (key)
		ret = set_psk(creds, opts, line, key, why);
	else if (opts->identity)
		ret = why_set(why, "%s: there is no key of \"%s\"", opts->psk,
			      opts->identity);
	else
		ret = why_set(why, "%s: there is no line IDENTITY:KEY",
			      opts->psk);
	if (line)
		gnutls_memset(line, 0, room);
	free(line);
	return ret;
}

static int load_psk(struct tls_creds *creds, const struct tls_opts *opts,
		    struct why *why)
{
	FILE *file;
	int ret;

	if (check_secret(opts->psk, why))
		return -1;
	file = fopen(opts->psk, "re");
	if (!file)
		return why_set(why, "%s: %s", opts->psk, strerror(errno));
	ret = find_psk(creds, opts, file, why);
	fclose(file);
	return ret;
}

/* certificates */

static int load_ca(struct tls_creds *creds, const struct tls_opts *opts,
		   struct why *why)
{
	int n;

	n = gnutls_certificate_set_x509_trust_file(creds->cert, opts->ca,
						   GNUTLS_X509_FMT_PEM);
	if (n > 0)
		return 0;
	return why_set(why, "%s: %s", opts->ca,
		       n ? gnutls_strerror(n) : "there is no certificate");
}

static int load_own(struct tls_creds *creds, const struct tls_opts *opts,
		    struct why *why)
{
	const gnutls_x509_crt_fmt_t pem = GNUTLS_X509_FMT_PEM;
	int err;

	if (check_secret(opts->key, why))
		return -1;
	err = gnutls_certificate_set_x509_key_file(creds->cert, opts->cert,
						   opts->key, pem);
	if (err >= 0)
		return 0;
	return why_set(why, "%s with %s: %s", opts->cert, opts->key,
		       gnutls_strerror(err));
}

static int load_certs(struct tls_creds *creds, const struct tls_opts *opts,
		      struct why *why)
{
	int err;

	err = gnutls_certificate_allocate_credentials(&creds->cert);
	if (err)
		return why_set(why, "%s", gnutls_strerror(err));
	if (load_ca(creds, opts, why))
		return -1;
	return opts->cert ? load_own(creds, opts, why) : 0;
}

/**
 * tls_creds_load - read the files
 * @creds: where it goes; tls_creds_free() ends it, on failure too
 * @opts: the files
 * @why: filled on failure
 *
 * Return: 0 or -1.
 */
int tls_creds_load(struct tls_creds *creds, const struct tls_opts *opts,
		   struct why *why)
{
	*creds = (struct tls_creds){ 0 };
	return opts->psk ? load_psk(creds, opts, why) :
			   load_certs(creds, opts, why);
}

/**
 * tls_creds_free - forget them
 * @creds: as tls_creds_load() left them
 */
void tls_creds_free(struct tls_creds *creds)
{
	if (creds->psk)
		gnutls_psk_free_client_credentials(creds->psk);
	if (creds->cert)
		gnutls_certificate_free_credentials(creds->cert);
	*creds = (struct tls_creds){ 0 };
}
