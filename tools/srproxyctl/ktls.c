// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of a TLS session, handed to the kernel's TLS (kTLS). */

#include <errno.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "tls.h"

#ifndef TCP_ULP
#define TCP_ULP 31
#endif
#ifndef SOL_TLS
#define SOL_TLS 282
#endif

#define SALT_LEN TLS_CIPHER_AES_GCM_128_SALT_SIZE
#define IV_LEN TLS_CIPHER_AES_GCM_128_IV_SIZE
#define SEQ_LEN TLS_CIPHER_AES_GCM_128_REC_SEQ_SIZE

/* Both ciphers differ in nothing but the length of their key. */
union crypto_info {
	struct tls_crypto_info info;
	struct tls12_crypto_info_aes_gcm_128 gcm_128;
	struct tls12_crypto_info_aes_gcm_256 gcm_256;
};

/**
 * struct keys - one direction of a session
 * @key: of the cipher
 * @iv: the salt alone with TLS 1.2, the salt and the rest with TLS 1.3
 * @seq: number of the next record
 * @tls13: the version is 1.3, else 1.2
 */
struct keys {
	gnutls_datum_t key;
	gnutls_datum_t iv;
	unsigned char seq[SEQ_LEN];
	bool tls13;
};

/**
 * ktls_attach - have the kernel do TLS on a socket, once it has keys
 * @fd: a TCP socket that is connected
 * @why: filled on failure
 *
 * Before the handshake, so that a kernel that cannot is found out early; the
 * socket works as it did until it gets keys.
 *
 * Return: 0 or -1.
 */
int ktls_attach(int fd, struct why *why)
{
	if (!setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")))
		return 0;
	if (errno == ENOENT)
		return why_set(why, "no kernel TLS: try \"modprobe tls\"");
	if (errno == ENOTCONN)
		return why_set(why, "the far end closed the connection");
	return why_set(why, "the kernel's TLS does not take the socket: %s",
		       strerror(errno));
}

/* The nonce is salt and IV; with TLS 1.2 the IV is counted like the records. */
static bool fill(struct keys *k, unsigned char *salt, unsigned char *iv,
		 unsigned char *seq, unsigned char *key, size_t key_len)
{
	if (k->key.size != key_len ||
	    k->iv.size < (size_t)(k->tls13 ? SALT_LEN + IV_LEN : SALT_LEN))
		return false;
	memcpy(salt, k->iv.data, SALT_LEN);
	memcpy(iv, k->tls13 ? k->iv.data + SALT_LEN : k->seq, IV_LEN);
	memcpy(seq, k->seq, SEQ_LEN);
	memcpy(key, k->key.data, key_len);
	return true;
}

/* Length of what the kernel wants, 0 if it is not of a cipher known here. */
static size_t make_info(union crypto_info *c, struct keys *k,
			gnutls_cipher_algorithm_t cipher)
{
	bool done = false;

	memset(c, 0, sizeof(*c));
	c->info.version = k->tls13 ? TLS_1_3_VERSION : TLS_1_2_VERSION;
	if (cipher == GNUTLS_CIPHER_AES_128_GCM) {
		c->info.cipher_type = TLS_CIPHER_AES_GCM_128;
		done = fill(k, c->gcm_128.salt, c->gcm_128.iv,
			    c->gcm_128.rec_seq, c->gcm_128.key,
			    sizeof(c->gcm_128.key));
		return done ? sizeof(c->gcm_128) : 0;
	}
	if (cipher == GNUTLS_CIPHER_AES_256_GCM) {
		c->info.cipher_type = TLS_CIPHER_AES_GCM_256;
		done = fill(k, c->gcm_256.salt, c->gcm_256.iv,
			    c->gcm_256.rec_seq, c->gcm_256.key,
			    sizeof(c->gcm_256.key));
	}
	return done ? sizeof(c->gcm_256) : 0;
}

static int set_direction(int fd, gnutls_session_t session, int direction,
			 struct why *why)
{
	struct keys k = { .tls13 = gnutls_protocol_get_version(session) ==
				   GNUTLS_TLS1_3 };
	gnutls_cipher_algorithm_t cipher;
	gnutls_datum_t mac;
	union crypto_info c;
	int err, ret;
	size_t len;

	err = gnutls_record_get_state(session, direction == TLS_RX, &mac, &k.iv,
				      &k.key, k.seq);
	if (err < 0)
		return why_set(why, "the keys of the session: %s",
			       gnutls_strerror(err));
	cipher = gnutls_cipher_get(session);
	len = make_info(&c, &k, cipher);
	if (!len)
		return why_set(why, "the kernel has no such cipher: %s",
			       gnutls_cipher_get_name(cipher));
	ret = setsockopt(fd, SOL_TLS, direction, &c, len);
	err = errno;
	gnutls_memset(&c, 0, sizeof(c));
	if (ret)
		return why_set(why, "the kernel does not take the keys: %s",
			       strerror(err));
	return 0;
}

/**
 * ktls_set_keys - let the kernel go on with a session
 * @fd: the socket, as ktls_attach() left it
 * @session: past its handshake; not to be used for records any more
 * @why: filled on failure
 *
 * Return: 0 or -1.
 */
int ktls_set_keys(int fd, gnutls_session_t session, struct why *why)
{
	if (gnutls_record_check_pending(session))
		return why_set(why, "the far end sent data too early");
	if (set_direction(fd, session, TLS_TX, why) ||
	    set_direction(fd, session, TLS_RX, why))
		return -1;
	return 0;
}
