// SPDX-License-Identifier: Apache-2.0
/* Tofino: the SDE's driver in this process, with one program.
 *
 * A program NAME is a directory NAME in the directory SRP4_PROGRAMS of the
 * environment, as the compiler leaves it: bf-rt.json, pipe/context.json and
 * pipe/tofino.bin. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bf_switchd/bf_switchd.h>

#include "bfrt.h"
#include "report.h"

#define PROGRAMS "/usr/share/srproxy/p4"
#define PLATFORM "lib/libpltfm_mgr.so"

/**
 * struct files - of a program
 * @tables: BF-RT's description of it
 * @context: the driver's
 * @binary: the chip's
 */
struct files {
	char tables[BF_SWITCHD_MAX_FILE_NAME];
	char context[BF_SWITCHD_MAX_FILE_NAME];
	char binary[BF_SWITCHD_MAX_FILE_NAME];
};

/* The driver ends the process over a file that it cannot read. */
static int find_file(char *path, size_t room, const char *program,
		     const char *name)
{
	const char *directory = getenv("SRP4_PROGRAMS") ?: PROGRAMS;
	int len = snprintf(path, room, "%s%s/%s/%s",
			   *directory == '/' ? "" : "./", directory, program,
			   name);
	char *whole;

	if (len < 0 || (size_t)len >= room)
		return report_usage("%s: the path is too long.", name);
	whole = realpath(path, NULL);
	if (!whole || strlen(whole) >= room || access(whole, R_OK)) {
		free(whole);
		return report_refused("%s: %s.", path, strerror(errno));
	}
	strcpy(path, whole);
	free(whole);
	return RC_DONE;
}

static int find_files(struct files *files, const char *program)
{
	int rc = find_file(files->tables, sizeof(files->tables), program,
			   "bf-rt.json");

	rc = rc ? rc :
		  find_file(files->context, sizeof(files->context), program,
			    "pipe/context.json");
	return rc ? rc :
		    find_file(files->binary, sizeof(files->binary), program,
			      "pipe/tofino.bin");
}

/* Whether one of the tables is called so, to its last part. */
static bool names(struct json_object *tables, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < json_object_array_length(tables); i++) {
		struct json_object *table =
			json_object_array_get_idx(tables, i);
		struct json_object *value;
		const char *text;
		size_t whole;

		if (!json_object_object_get_ex(table, "name", &value))
			continue;
		text = json_object_get_string(value);
		whole = strlen(text);
		if (whole >= len && !strcmp(text + whole - len, name) &&
		    (whole == len || text[whole - len - 1] == '.'))
			return true;
	}
	return false;
}

/* A program that does not match is refused before the switch has it. */
static int check_tables(const struct files *files)
{
	struct json_object *root = json_object_from_file(files->tables);
	struct json_object *tables;
	int rc = RC_DONE;

	if (!json_object_object_get_ex(root, "tables", &tables) ||
	    !json_object_is_type(tables, json_type_array))
		rc = report_refused("%s describes no program.", files->tables);
	for (size_t i = 0; !rc && tna_tables[i]; i++)
		if (!names(tables, tna_tables[i]))
			rc = report_refused("the program has no table %s.",
					    tna_tables[i]);
	json_object_put(root);
	return rc;
}

/* ---- the driver's own file ------------------------------------------------- */

static void put(struct json_object *json, const char *name, const char *text)
{
	json_object_object_add(json, name, json_object_new_string(text));
}

static struct json_object *in_list(struct json_object *list, const char *name,
				   struct json_object *json)
{
	struct json_object *array = json_object_new_array();

	json_object_array_add(array, json);
	json_object_object_add(list, name, array);
	return json;
}

static struct json_object *describe(const struct bfrt *bfrt,
				    const char *program,
				    const struct files *files)
{
	struct json_object *root = json_object_new_object(), *json;
	char platform[BF_SWITCHD_MAX_FILE_NAME];

	json = in_list(root, "chip_list", json_object_new_object());
	put(json, "chip_family", "tofino");
	json_object_object_add(json, "instance", json_object_new_int(0));
	json = in_list(root, "p4_devices", json_object_new_object());
	json_object_object_add(json, "device-id", json_object_new_int(0));
	snprintf(platform, sizeof(platform), "%s/" PLATFORM, bfrt->install);
	if (!access(platform, R_OK))
		put(json, "agent0", platform);
	json = in_list(json, "p4_programs", json_object_new_object());
	put(json, "program-name", program);
	put(json, "bfrt-config", files->tables);
	json = in_list(json, "p4_pipelines", json_object_new_object());
	put(json, "p4_pipeline_name", "pipe");
	put(json, "context", files->context);
	put(json, "config", files->binary);
	return root;
}

/* The file is written for the driver, and gone once it has been read. */
static int write_conf(const struct bfrt *bfrt, const char *program,
		      const struct files *files, char *path)
{
	struct json_object *root = describe(bfrt, program, files);
	int fd = mkstemp(path), ret = -1;

	if (fd >= 0) {
		ret = json_object_to_fd(fd, root, JSON_C_TO_STRING_PRETTY);
		close(fd);
	}
	json_object_put(root);
	return ret ? report_refused("%s: %s.", path, strerror(errno)) : RC_DONE;
}

/* ---- bringing it up -------------------------------------------------------- */

/* The kernel lets one process have the device. */
static int check_device(const struct bfrt *bfrt)
{
	int fd = open(bfrt->device, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	else if (errno == EBUSY)
		return report_refused("another process has the switch.");
	else if (errno != ENOENT)
		return report_refused("%s: %s.", bfrt->device, strerror(errno));
	return RC_DONE;
}

/* What the driver says is no output of ours. */
static int run_driver(struct bfrt *bfrt, char *conf)
{
	bf_switchd_context_t context = {
		.install_dir = bfrt->install,
		.conf_file = conf,
		.running_in_background = true,
		.server_listen_local_only = true,
	};
	int out, ret;

	fflush(stdout);
	out = dup(STDOUT_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	ret = bf_switchd_lib_init(&context);
	fflush(stdout);
	if (out >= 0) {
		dup2(out, STDOUT_FILENO);
		close(out);
	}
	return ret ? report_refused("the switch's driver did not start: %s.",
				    bf_err_str(ret)) :
		     RC_DONE;
}

/* That the driver started says nothing of the device. */
static int attach(struct bfrt *bfrt, const char *program)
{
	if (bf_rt_info_get(bfrt->dev.dev_id, program, &bfrt->info))
		return report_refused("the switch did not come up with \"%s\".",
				      program);
	if (!bf_rt_generic_flag_support())
		return report_refused(
			"the SDE is built without generic flags.");
	if (bf_rt_session_create(&bfrt->session) ||
	    bf_rt_session_create(&bfrt->plain))
		return report_refused("the switch has no session for us.");
	return bfrt_learn(bfrt);
}

/**
 * bfrt_start - bring up the driver with a program
 * @bfrt: the switch
 * @program: its name
 *
 * Return: RC_DONE, or what was reported.
 */
int bfrt_start(struct bfrt *bfrt, const char *program)
{
	char conf[] = "/tmp/srp4ctl.XXXXXX", why[WHY_MAX] = "";
	struct files files;
	int rc = find_files(&files, program);

	rc = rc ? rc : check_tables(&files);
	rc = rc ? rc : check_device(bfrt);
	if (rc)
		return rc;
	rc = write_conf(bfrt, program, &files, conf);
	if (!rc) {
		bfrt->started = true;
		rc = run_driver(bfrt, conf);
	}
	unlink(conf);
	rc = rc ? rc : attach(bfrt, program);
	if (!rc && (!panel_read(bfrt, why) || !bfrt_put_group(bfrt, why) ||
		    !bfrt_fill_squares(bfrt, why)))
		rc = report_refused("%s", why);
	if (!rc)
		bfrt->program = strdup(program);
	return rc;
}

/**
 * bfrt_stop - give up what was used of the driver, which ends with the process
 * @bfrt: the switch
 */
void bfrt_stop(struct bfrt *bfrt)
{
	if (bfrt->session)
		bf_rt_session_destroy(bfrt->session);
	if (bfrt->plain)
		bf_rt_session_destroy(bfrt->plain);
	free(bfrt->tables);
	free(bfrt->panel);
	free(bfrt->program);
}
