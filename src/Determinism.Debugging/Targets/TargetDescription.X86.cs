using System.Globalization;
using System.Text;

namespace Determinism.Debugging;

public sealed partial class TargetDescription
{
    private static readonly string[] s_general =
    [
        "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    ];

    private static readonly string[] s_float = ["fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop"];

    /// <summary>x86-64 in 64-bit mode: RAX, RBX, RCX, RDX, RSI, RDI, RBP, RSP, R8 to R15 (0 to 15), RIP (16), EFLAGS (17, four
    /// bytes), CS, SS, DS, ES, FS, GS (18 to 23, four bytes), ST0 to ST7 (24 to 31, ten bytes), the x87's control registers (32
    /// to 39, four bytes), XMM0 to XMM15 (40 to 55), MXCSR (56, four bytes), the bases of FS and GS (57, 58).</summary>
    public static TargetDescription X64 { get; } = CreateX86();

    private static TargetDescription CreateX86()
    {
        var table = new List<RegisterDescription>();
        var xml = new StringBuilder("""
            <?xml version="1.0"?>
            <!DOCTYPE target SYSTEM "gdb-target.dtd">
            <target version="1.0">
            <architecture>i386:x86-64</architecture>
            <osabi>none</osabi>

            """.ReplaceLineEndings("\n"));

        void Add(string name, int bytes, string type, string group = "", bool isExpedited = false)
        {
            table.Add(new RegisterDescription(name, bytes, isExpedited));
            xml.Append(CultureInfo.InvariantCulture, $"<reg name=\"{name}\" bitsize=\"{8 * bytes}\" type=\"{type}\"{group}/>\n");
        }

        xml.Append("<feature name=\"org.gnu.gdb.i386.core\">\n").Append("""
            <flags id="i386_eflags" size="4">
            <field name="CF" start="0" end="0"/><field name="" start="1" end="1"/><field name="PF" start="2" end="2"/>
            <field name="AF" start="4" end="4"/><field name="ZF" start="6" end="6"/><field name="SF" start="7" end="7"/>
            <field name="TF" start="8" end="8"/><field name="IF" start="9" end="9"/><field name="DF" start="10" end="10"/>
            <field name="OF" start="11" end="11"/>
            </flags>

            """.ReplaceLineEndings("\n"));
        foreach (string name in s_general)
            Add(name, 8, name is "rbp" or "rsp" ? "data_ptr" : "int64", isExpedited: name is "rbp" or "rsp");
        Add("rip", 8, "code_ptr", isExpedited: true);
        Add("eflags", 4, "i386_eflags");
        foreach (string name in (string[])["cs", "ss", "ds", "es", "fs", "gs"])
            Add(name, 4, "int32");
        for (int index = 0; index < 8; index++)
            Add($"st{index}", 10, "i387_ext");
        foreach (string name in s_float)
            Add(name, 4, "int", " group=\"float\"");
        xml.Append("</feature>\n<feature name=\"org.gnu.gdb.i386.sse\">\n").Append("""
            <vector id="v4f" type="ieee_single" count="4"/><vector id="v2d" type="ieee_double" count="2"/>
            <vector id="v16i8" type="int8" count="16"/><vector id="v8i16" type="int16" count="8"/>
            <vector id="v4i32" type="int32" count="4"/><vector id="v2i64" type="int64" count="2"/>
            <union id="vec128">
            <field name="v4_float" type="v4f"/><field name="v2_double" type="v2d"/><field name="v16_int8" type="v16i8"/>
            <field name="v8_int16" type="v8i16"/><field name="v4_int32" type="v4i32"/><field name="v2_int64" type="v2i64"/>
            <field name="uint128" type="uint128"/>
            </union>

            """.ReplaceLineEndings("\n"));
        for (int index = 0; index < 16; index++)
            Add($"xmm{index}", 16, "vec128");
        Add("mxcsr", 4, "int", " group=\"vector\"");
        xml.Append("</feature>\n<feature name=\"org.gnu.gdb.i386.segments\">\n");
        Add("fs_base", 8, "int");
        Add("gs_base", 8, "int");
        xml.Append("</feature>\n</target>\n");
        return new TargetDescription(xml.ToString(), table, programCounter: 16);
    }
}
