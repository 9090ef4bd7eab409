# Entry points of a guest and the polls that they need. See docs/guest-abi.md.
# Polls stand here by hand: the poll pass leaves assembler files alone.

# One more cycle of this vCPU; leaves for the VMM when the count has reached the limit. Flags are dead after it.
.macro POLL name
#ifndef NO_POLLS
        incq    %r15
        cmpq    %gs:8, %r15
        jae     .Ltrap_\name
.Lresume_\name:
#endif
.endm

# The rare side of POLL, after the last instruction of the function.
.macro POLL_TRAP name
#ifndef NO_POLLS
.Ltrap_\name:
        outb    %al, $0x10
        jmp     .Lresume_\name
#endif
.endm

# Calls \main with the arguments that the VMM left in rdi and rsi; its result is the exit code of the vCPU.
# An ended vCPU never comes back; the loop gives every path a last instruction all the same.
.macro ENTRY name, main
        .globl  \name
        .type   \name, @function
\name:
        POLL    \name
        leaq    -8(%rsp), %rsp
        call    \main
        movl    %eax, %edi
.Lend_\name:
        POLL    end_\name
        outb    %al, $0x11
        jmp     .Lend_\name
        POLL_TRAP \name
        POLL_TRAP end_\name
        .size   \name, . - \name
.endm

        .section .text.start, "ax", @progbits
        ENTRY   _start, rt_boot
        ENTRY   rt_vcpu_entry, rt_worker

# Interrupts arrive here with the vector at (%rsp), the interrupted RIP above it, the mask set, and every
# register and flag of the interrupted code live. PUSHF shows host-dependent bits: LAHF and SETO do not.
# r15 counts on: a poll in the handler is a poll like any other.
        .globl  rt_interrupt_entry
        .type   rt_interrupt_entry, @function
rt_interrupt_entry:
        pushq   %rax
        lahf
        seto    %al
        pushq   %rax
        pushq   %rcx
        pushq   %rdx
        pushq   %rsi
        pushq   %rdi
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        pushq   %rbp
        movq    %rsp, %rbp
        movq    88(%rsp), %rdi
        POLL    interrupt
        subq    $256, %rsp
        andq    $-16, %rsp
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movaps  %xmm\n, (16 * \n)(%rsp)
        .endr
        call    *rt_interrupt_handler
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movaps  (16 * \n)(%rsp), %xmm\n
        .endr
        movq    %rbp, %rsp
        popq    %rbp
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdi
        popq    %rsi
        popq    %rdx
        popq    %rcx
        popq    %rax
        addb    $0x7f, %al              # OF again: 1 + 127 overflows, 0 + 127 does not
        sahf
        popq    %rax
        leaq    8(%rsp), %rsp           # drops the vector and leaves the flags alone
        movl    $0, %gs:16
        ret
        POLL_TRAP interrupt
        .size   rt_interrupt_entry, . - rt_interrupt_entry

        .section .note.GNU-stack, "", @progbits
