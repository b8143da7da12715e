# SPDX-License-Identifier: GPL-2.0-or-later
#
# make			kmod/srproxy.ko for KDIR, the tools in build/bin
# make demo		two proxies, three functions, real traffic, in a VM
# make check		every test, in VMs (NATIVE=1: on this very host;
#			DEBUG=1: on the debug kernel as well;
#			TESTS='basic icmp': only these)
# make check-debug	KUnit and netns tests on the debug kernel (SMP=1: the
#			newest one, on two processors)
# make bench		build/bench.json and a table (QUICK=1: few flows)
# make failover		how long failover takes, build/failover.json and a table
# make style		all static checks
# make vm CMD='...'	CMD as root in the VM (KERNEL=6.1, 6.12, newest)
# make p4		build/bin/srp4ctl, and the tests of p4/, on this machine
# make install, deb, dkms

VERSION := 0.1.0
KERNEL ?= 6.1
CMD ?= uname -a
PREFIX ?= /usr
VM := selftests/vm

# The running kernel's headers if they are there, else the stock kernel's.
RUNNING := /lib/modules/$(shell uname -r)/build
KDIR ?= $(if $(wildcard $(RUNNING)/Makefile),$(RUNNING))

all: modules tools

modules:
ifneq ($(KDIR),)
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules
else
	$(VM)/deps.sh build
	$(VM)/modbuild.sh $(KERNEL)
	cp build/kmod/$(KERNEL)/kmod/srproxy.ko kmod/srproxy.ko
endif

tools: | build
	$(VM)/deps.sh build
	$(MAKE) -C tools VERSION=$(VERSION)

build:
	mkdir -p $@

vm: tools
	$(VM)/deps.sh vm
	@$(VM)/vm.sh -k $(KERNEL) $${TIMEOUT:+-t $$TIMEOUT} "$$SRP_CMD"
# Not as make would expand it: $$ and parentheses are the guest shell's.
vm: export SRP_CMD := $(value CMD)

demo: tools
	$(VM)/deps.sh demo
	selftests/demo/get-ips.sh
	@$(VM)/vm.sh -k $(KERNEL) -t 900 selftests/demo/demo.sh

check: tools $(if $(NATIVE),native-module)
	@selftests/check.sh $(if $(NATIVE),-n) $(if $(DEBUG),-a) $(TESTS)

# Whatever kmod/srproxy.ko there is may be another kernel's.
native-module:
	$(VM)/deps.sh build headers
	$(MAKE) -C /lib/modules/$(shell uname -r)/build M=$(CURDIR) modules

check-debug: tools
	@selftests/check.sh -d $(if $(SMP),-s) $(TESTS)

bench: tools
	$(VM)/deps.sh vm uml test
	@selftests/bench/bench.sh

failover: tools
	$(VM)/deps.sh uml test
	@selftests/bench/failover.sh

style:
	$(VM)/deps.sh build style
	@selftests/style/style.sh

p4: | build
	$(VM)/deps.sh build
	$(MAKE) -C p4/ctl VERSION=$(VERSION)
	@p4/tests/run.sh

# Where the module belongs, it knows: KDIR may be another kernel's.
install: all
	release=$$(/sbin/modinfo -F vermagic kmod/srproxy.ko | cut -d' ' -f1) && \
	install -D -m 644 kmod/srproxy.ko \
		$(DESTDIR)/lib/modules/$$release/extra/srproxy.ko && \
	$(if $(DESTDIR),:,/sbin/depmod -a $$release)
	$(MAKE) -C tools install PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)

# The sources, without what a build has left between them.
dkms:
	install -d $(DESTDIR)/usr/src/srproxy-$(VERSION)
	tar -c --exclude='*.o' --exclude='*.ko' --exclude='*.mod' \
		--exclude='*.mod.c' --exclude='.*.cmd' --exclude='.tmp_*' \
		--exclude=modules.order --exclude=Module.symvers \
		Kbuild dkms.conf kmod uapi | \
		tar -x -C $(DESTDIR)/usr/src/srproxy-$(VERSION)

deb:
	$(VM)/deps.sh deb
	mkdir -p build
	dpkg-buildpackage -us -uc -b --buildinfo-option=-ubuild \
		--buildinfo-file=build/srproxy.buildinfo \
		--changes-option=-ubuild --changes-file=build/srproxy.changes
	@ls build/*.deb

clean:
	$(MAKE) -C tools clean
	$(MAKE) -C p4/ctl clean
	$(RM) -r build/kmod kmod/*.ko kmod/*.o kmod/*.mod kmod/*.mod.c

.PHONY: all modules tools vm demo check native-module check-debug bench failover \
	style p4 install dkms deb clean
