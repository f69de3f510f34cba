using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Ws;
using Xunit;

namespace United.Server.Tests.ProtoSocket;

/// <summary>The transcripts in docs/wire/protobuf.md, replayed: the page can't say what the server does not do.</summary>
public sealed partial class TranscriptTests
{
    private readonly Dictionary<string, string> _values = [];
    private readonly List<string> _names = [];
    private readonly List<string> _heard = [];

    [Theory, EachDatabase]
    public async Task The_transcript_of_a_bot_in_a_channel_holds(Engine engine)
    {
        await using var scene = await Scene(engine);
        _values["channel"] = (await scene.OpenChannel()).ToString();
        await Replay(0, await scene.Raw(), other: null);
    }

    [Theory, EachDatabase]
    public async Task The_transcript_of_a_bot_in_a_group_holds(Engine engine)
    {
        await using var scene = await Scene(engine);
        var anna = await scene.Join("anna");
        _values["anna"] = anna.Id.ToString();
        _values["annaskey"] = anna.PublicKey;
        await Replay(1, await scene.Raw(), await scene.Raw(anna));
    }

    private async Task<WireScene> Scene(Engine engine)
    {
        var scene = await WireScene.On(engine, settings: [("Limits:FramesPerSecond", "50"), ("Limits:FrameBurst", "200")]);
        var bot = await scene.Join("bot");
        (_values["token"], _values["me"], _values["key"]) = (bot.AccessToken, bot.Id.ToString(), bot.PublicKey);
        return scene;
    }

    /// <param name="other">Whose requests stand in the transcript as A; what they hear is not shown.</param>
    private async Task Replay(int number, RawSocket socket, RawSocket? other)
    {
        foreach (var line in Transcript(number))
        {
            if (line[0] == 'S') await Expect(socket, line[2..]);
            else await (line[0] == 'A' ? other! : socket).Send(Envelope.Parser.ParseJson(Filled(line[2..])));
        }
    }

    // An event and an answer may come in either order, and presence and the server's pings come in between when they like.
    private async Task Expect(RawSocket socket, string wanted)
    {
        var pattern = Pattern(JsonFormatter.Default.Format(Envelope.Parser.ParseJson(Marked(wanted))));
        while (true)
        {
            for (var i = 0; i < _heard.Count; i++)
            {
                if (pattern.Match(_heard[i]) is not { Success: true } found) continue;
                foreach (Group group in found.Groups) if (!char.IsAsciiDigit(group.Name[0])) _values[group.Name] = group.Value;
                _heard.RemoveAt(i);
                return;
            }
            var frame = await socket.Receive();
            Assert.True(frame is { OpCode: ClientFrame.Binary or ClientFrame.Ping }, $"Expected {wanted}, heard {string.Join('\n', _heard)}");
            if (frame.OpCode == ClientFrame.Binary) _heard.Add(JsonFormatter.Default.Format(frame.Envelope));
        }
    }

    private static string[] Transcript(int number)
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "wire", "protobuf.md"));
        var block = page.Split("```transcript\n")[1 + number].Split("```")[0];
        return block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private string Filled(string text) => Name().Replace(text, match => _values[match.Groups[1].Value]);

    // Numbers are strings in the JSON mapping; a large one no value has stands for a name while the line is parsed.
    private string Marked(string text) => Name().Replace(text, match =>
        _values.TryGetValue(match.Groups[1].Value, out var value) ? value : $"{1_000_000_000_000_000_000 + Index(match.Groups[1].Value)}");

    private long Index(string name)
    {
        if (!_names.Contains(name)) _names.Add(name);
        return _names.IndexOf(name);
    }

    private Regex Pattern(string json)
    {
        var text = Regex.Escape(json);
        foreach (var name in _names.Where(name => !_values.ContainsKey(name)))
        {
            var mark = $"{1_000_000_000_000_000_000 + _names.IndexOf(name)}";
            var at = text.IndexOf(mark, StringComparison.Ordinal);
            if (at < 0) continue;
            text = string.Concat(text.AsSpan(0, at), $"(?<{name}>[^\"]+)", text.AsSpan(at + mark.Length).ToString().Replace(mark, $"\\k<{name}>"));
        }
        return new Regex($"^{text}$");
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "United.slnx"))) directory = directory.Parent;
        return directory.FullName;
    }

    [GeneratedRegex("«([a-z]+)»")]
    private static partial Regex Name();
}
