using System.Text.RegularExpressions;
using Xunit;

namespace United.Server.Tests.House;

/// <summary>What may know what, how large a file gets, and which names say nothing.</summary>
public sealed partial class SourceLawsTests
{
    // A slice may use what stands on a lower floor than itself.
    private static readonly Dictionary<string, int> Floors = new()
    {
        ["Storage"] = 0,
        ["Realtime"] = 0,
        ["Text"] = 0,
        ["Media"] = 1,
        ["Moderation"] = 1,
        ["Identity"] = 2,
        ["Messages"] = 3,
        ["Channels"] = 4,
        ["Conversations"] = 4,
        ["DirectMessages"] = 4,
        ["Presence"] = 4,
    };

    private static readonly string[] Wires = ["Rest", "ProtoSocket", "SocketIo", "Gossip"];

    [Fact]
    public void Edges_between_slices_go_down_only()
    {
        foreach (var (file, slice, used) in Uses("src/United.Core", "United.Core"))
        {
            Assert.True(Floors.ContainsKey(slice), $"{file}: {slice} has no floor yet. Give it one here.");
            Assert.True(used == slice || Floors[used] < Floors[slice], $"{file}: {slice} may not use {used}.");
        }
    }

    [Fact]
    public void Wires_do_not_use_each_other()
    {
        // Before it is a socket it is an HTTP request, and refused as one.
        foreach (var (file, wire, used) in Uses("src/United.Server", "United.Server").Where(use => !use.File.EndsWith("Endpoint.cs", StringComparison.Ordinal)))
            Assert.False(Wires.Contains(wire) && Wires.Contains(used) && wire != used && !SpeaksRest(wire, used), $"{file}: {wire} may not use {used}.");
    }

    // Socket.IO carries REST's objects under other names: one set of records, one way to read them strictly.
    private static bool SpeaksRest(string wire, string used) => (wire, used) is ("SocketIo", "Rest");

    [Fact]
    public void The_core_knows_no_http_no_protobuf_and_no_json_documents()
    {
        foreach (var file in Repository.Files("src/United.Core", "*.cs"))
        {
            var text = Repository.Read(file);
            Assert.DoesNotContain("using Microsoft.AspNetCore", text, StringComparison.Ordinal);
            Assert.DoesNotContain("using Google.Protobuf", text, StringComparison.Ordinal);
            // Access tokens are JSON by their own specification, arrays by that of SQLite.
            if (Path.GetFileName(file) is not ("AccessTokens.cs" or "SqliteArrays.cs")) Assert.DoesNotContain("using System.Text.Json", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("United.SocketIo")]
    [InlineData("United.WebSockets")]
    public void Libraries_know_nothing_of_chat(string library)
    {
        foreach (var file in Repository.Files($"src/{library}", "*.cs").Concat(Repository.Files($"src/{library}", "*.csproj")))
            Assert.DoesNotMatch(@"United\.(Core|Server)", Repository.Read(file));
    }

    [Fact]
    public void Files_end_before_one_loses_the_thread()
    {
        foreach (var file in Repository.Files("src", "*.cs")) Assert.True(Lines(file) <= 600, $"{file} has {Lines(file)} lines.");
        foreach (var file in Repository.Files("tests", "*.cs")) Assert.True(Lines(file) <= 800, $"{file} has {Lines(file)} lines.");
    }

    [Fact]
    public void No_type_has_a_name_that_says_nothing()
    {
        foreach (var file in Repository.Files("src", "*.cs").Concat(Repository.Files("tests", "*.cs")).Concat(Repository.Files("bench", "*.cs")))
            Assert.DoesNotMatch(EmptyName(), Repository.Read(file));
    }

    [Fact]
    public void The_console_is_the_command_lines()
    {
        foreach (var file in Repository.Files("src", "*.cs").Where(file => !file.StartsWith("src/United.Server/Cli/", StringComparison.Ordinal)))
            Assert.DoesNotMatch(@"\bConsole\.(Write|Out|Error|Read|In)\b", Repository.Read(file));
    }

    [Fact]
    public void Nothing_is_left_for_later()
    {
        string[] marks = ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "NotImplemented" + "Exception", "not imple" + "mented"];
        foreach (var folder in (string[])["src", "tests", "bench", "web", "proto", "docs"])
            foreach (var pattern in (string[])["*.cs", "*.ts", "*.tsx", "*.proto", "*.md", "*.sql"])
                foreach (var file in Repository.Files(folder, pattern))
                {
                    var text = Repository.Read(file);
                    foreach (var mark in marks) Assert.False(text.Contains(mark, StringComparison.Ordinal), $"{file} says {mark}.");
                }
    }

    [Fact]
    public void Classes_are_sealed_unless_others_are_made_of_them()
    {
        foreach (var assembly in (System.Reflection.Assembly[])[typeof(United.Core.CoreSetup).Assembly, typeof(United.Server.Hosting.Origins).Assembly])
        {
            var types = assembly.GetTypes().Where(type => type.IsClass && type.Namespace?.StartsWith("United.", StringComparison.Ordinal) == true && !type.Namespace.StartsWith("United.Wire", StringComparison.Ordinal)).ToList();
            var open = types.Where(type => !type.IsSealed && !type.IsAbstract && !type.Name.Contains('<', StringComparison.Ordinal) && !types.Exists(other => other.BaseType == type || (other.BaseType?.IsGenericType == true && other.BaseType.GetGenericTypeDefinition() == type)));
            Assert.Empty(open.Select(type => type.FullName));
        }
    }

    private static int Lines(string file) => File.ReadLines(Repository.PathOf(file)).Count();

    private static IEnumerable<(string File, string Slice, string Used)> Uses(string folder, string root) =>
        from file in Repository.Files(folder, "*.cs")
        let parts = file[(folder.Length + 1)..].Split('/')
        where parts.Length > 1
        from Match used in Regex.Matches(Repository.Read(file), $@"^using (?:static )?{Regex.Escape(root)}\.([A-Za-z]+)", RegexOptions.Multiline)
        select (file, parts[0], used.Groups[1].Value);

    [GeneratedRegex(@"\b(class|record|interface|struct|enum)\s+[A-Z]\w*(Manager|Helper|Helpers|Util|Utils|Service|Provider|Processor|Base|Impl|Common|Misc)\b")]
    private static partial Regex EmptyName();
}
