// SPDX-License-Identifier: GPL-2.0-or-later
/* Named network namespaces, where iproute2 keeps them. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "netns.h"
#include "report.h"

/**
 * netns_enter - move this thread into a network namespace
 * @netns: a name under /run/netns, or a path if there is a slash in it
 *
 * Return: RC_DONE, or what report.h says of a failure that was reported.
 */
int netns_enter(const char *netns)
{
	char path[PATH_MAX];
	int fd, n, err;

	n = snprintf(path, sizeof(path), "%s%s",
		     strchr(netns, '/') ? "" : "/run/netns/", netns);
	if (n >= (int)sizeof(path))
		return report_usage("the name of a namespace is too long.");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return report_usage("network namespace \"%s\": %s.", netns,
				    strerror(errno));
	err = setns(fd, CLONE_NEWNET) ? errno : 0;
	close(fd);
	if (err)
		return report_refused("network namespace \"%s\": %s.", netns,
				      strerror(err));
	return RC_DONE;
}
