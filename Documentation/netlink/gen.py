#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gen.py YNL-DIR ARGS...: the kernel's ynl_gen_c.py, run from YNL-DIR, with
what it lacks for a family outside the tree that uses plain genl_ops: operations
that only dump, start and done hooks, multicast groups other files can see."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.abspath(sys.argv.pop(1)), 'pyynl'))

# pylint: disable=import-error,wrong-import-position
import ynl_gen_c as ynl

HOOKS = {'pre': 'start', 'post': 'done'}
GROUP_FLAGS = {'uns-admin-perm': 'GENL_MCAST_CAP_NET_ADMIN'}


def request_of(op):
    """What the policy of an operation is made from."""
    return (op['do'] if 'do' in op else op['dump'])['request']['attributes']


def op_members(family, op_name, op):
    """The initialisers of one struct genl_ops."""
    prefix = ynl.c_lower(f'{family.fn_prefix}-{op_name}')
    members = [('cmd', op.enum_name)]
    if 'do' in op:
        members.append(('doit', f'{prefix}_doit'))
    if 'dump' in op:
        for when, member in HOOKS.items():
            if when in op['dump']:
                members.append((member, ynl.c_lower(op['dump'][when])))
        members.append(('dumpit', f'{prefix}_dumpit'))
    struct = ynl.Struct(family, op['attribute-set'], type_list=request_of(op))
    members.append(('policy', f'{op.render_name}_nl_policy'))
    members.append(('maxattr', struct.attr_max_val.enum_name))
    if 'flags' in op:
        members.append(('flags', ' | '.join(
            ynl.c_upper('genl-' + flag) for flag in op['flags'])))
    return members


def print_op_table(family, cw):
    """The table of operations."""
    ynl.print_kernel_op_table_fwd(family, cw, terminate=False)
    for op_name, op in family.ops.items():
        cw.block_start()
        cw.write_struct_init(op_members(family, op_name, op))
        cw.block_end(line=',')
    cw.block_end(line=';')
    cw.nl()


def print_op_table_hdr(family, cw):
    """Declare the table, and the policies of operations that only dump."""
    for op in family.ops.values():
        if 'do' not in op:
            info = ynl.RenderInfo(cw, family, 'kernel', op, 'dump')
            ynl.print_req_policy_fwd(cw, info.struct['request'], ri=info)
            cw.nl()
    ynl.print_kernel_op_table_fwd(family, cw, terminate=True)


def mcgrps(family):
    """The array of multicast groups, as it is declared and defined."""
    count = len(family.mcgrps['list'])
    return ('const struct genl_multicast_group '
            f'{family.c_name}_nl_mcgrps[{count}]')


def print_mcgrp_hdr(family, cw, stock=ynl.print_kernel_mcgrp_hdr):
    """Number the groups and declare their array."""
    stock(family, cw)
    cw.p(f'extern {mcgrps(family)};')
    cw.nl()


def print_mcgrp_src(family, cw):
    """Define the array of groups."""
    cw.block_start(mcgrps(family) + ' =')
    for group in family.mcgrps['list']:
        name = group['name']
        number = ynl.c_upper(f'{family.ident_name}-nlgrp-{name}')
        flags = ' | '.join(GROUP_FLAGS[flag]
                           for flag in group.get('flags', []))
        flags = f' .flags = {flags},' if flags else ''
        cw.p(f'[{number}] = {{ .name = "{name}",{flags} }},')
    cw.block_end(';')


ynl.print_kernel_op_table = print_op_table
ynl.print_kernel_op_table_hdr = print_op_table_hdr
ynl.print_kernel_mcgrp_hdr = print_mcgrp_hdr
ynl.print_kernel_mcgrp_src = print_mcgrp_src
ynl.main()
