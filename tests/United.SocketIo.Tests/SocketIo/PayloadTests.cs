using System.Text;

namespace United.SocketIo.Tests.SocketIo;

/// <summary>What becomes of an event on its way into frames, and what is read back out of them.</summary>
public sealed class PayloadTests
{
    // The head of a frame grows at 126 and at 65,536 bytes.
    [Theory]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public async Task An_event_is_whole_where_its_offset_makes_the_head_of_its_frame_longer(int length)
    {
        await using var host = await SocketIoHost.Start(o => o.ConnectionStateRecovery = new());
        using var socket = await RawWebSocket.Join(host);
        for (var i = 1; i <= 10; i++)
        {
            var text = new string('x', length + 1 - i - """42["e",""]""".Length);
            host.Io.Of("/").Sockets.Single().Emit(host.Io.Of("/").Prepare("e", text));
            Assert.Equal($"42[\"e\",\"{text}\"]", await socket.ReadText());
            host.Io.Emit("e", text);
            Assert.Equal($"42[\"e\",\"{text}\",\"{i}\"]", await socket.ReadText());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(long.MaxValue)]
    public async Task An_offset_may_have_any_number_of_digits(long offset)
    {
        await using var io = new SocketIoServer(new SocketIoOptions());
        using var payload = Payload.Encode("e", [new byte[] { 7 }], io.Options);
        var message = payload.ToEventAt(offset, io.Of("/"));
        Assert.Equal($$"""451-["e",{"_placeholder":true,"num":0},"{{offset}}"]""", Encoding.UTF8.GetString(message.Packets()[0].Span));
        Assert.Equal([7], message.Packets()[1].ToArray());
    }

    [Theory]
    [InlineData("/", null)]
    [InlineData("/", 0L)]
    [InlineData("/a[b]-7", long.MaxValue)]
    [InlineData("/long", 12L)]
    public async Task A_payload_is_read_back_out_of_its_message(string name, long? ackId)
    {
        await using var io = new SocketIoServer(new SocketIoOptions());
        var ns = io.Of(name == "/long" ? "/" + new string('n', 1000) : name);
        using var plain = Payload.Encode("[1-", ["é", 2], io.Options);
        Same(plain, Payload.Of(plain.ToEvent(ns, ackId)));
        // Three attachments, one with nothing in it, and their frames with heads of every length.
        using var binary = Payload.Encode("e", [new byte[126], Array.Empty<byte>(), new byte[65_536]], io.Options);
        Same(binary, Payload.Of(binary.ToEvent(ns, ackId)));
        Same(binary, Payload.Of(binary.ToAck(ns, 3)));
    }

    [Fact]
    public async Task Who_hears_of_what_is_sent_gets_it_as_it_is_sent_and_may_emit_in_turn()
    {
        await using var host = await SocketIoHost.Start(o => o.ConnectionStateRecovery = new());
        using var socket = await RawWebSocket.Join(host);
        var heard = new List<SocketEvent>();
        host.Io.Of("/").Sockets.Single().OnAnyOutgoing(e =>
        {
            heard.Add(e);
            if (e.Name == "first") host.Io.Emit("second", "in turn");
        });
        host.Io.To("nobody").Emit("unheard");
        host.Io.Emit("first", "é", new byte[] { 1, 2 });
        Assert.Equal("""42["second","in turn","3"]""", await socket.ReadText());
        Assert.Equal("""451-["first","é",{"_placeholder":true,"num":0},"2"]""", await socket.ReadText());
        Assert.Equal([1, 2], (await socket.ReadFrame())!.Value.Payload);
        Assert.Equal(["\"é\"", """{"_placeholder":true,"num":0}""", "\"2\""], heard[0].Args.Select(argument => argument.ToString()));
        Assert.Equal([1, 2], heard[0].Args.Get<byte[]>(1));
        Assert.Equal(("second", "in turn"), (heard[1].Name, heard[1].Args.Get<string>(0)));
    }

    [Fact]
    public async Task An_event_that_cannot_be_encoded_leaves_nothing_behind_in_the_next()
    {
        await using var host = await SocketIoHost.Start(o => o.MaxAttachments = 1);
        using var socket = await RawWebSocket.Join(host);
        Assert.Throws<ArgumentException>(() => host.Io.Emit("too many", new byte[1], new byte[2]));
        Assert.Throws<NotSupportedException>(() => host.Io.Emit("unknown", new byte[1], new Unknown()));
        host.Io.Emit("next", 1);
        Assert.Equal("""42["next",1]""", await socket.ReadText());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_greeting_comes_with_its_attachments(bool kept)
    {
        await using var host = await SocketIoHost.Start(o => o.ConnectionStateRecovery = kept ? new() : null);
        var ns = host.Io.Of("/custom");
        ns.AdmitBy(admission =>
        {
            admission.Enter([], greeting: ns.Prepare("hello", new byte[] { 5 }));
            return ValueTask.FromResult<Refusal?>(null);
        });
        using var socket = await RawWebSocket.Join(host, "40/custom");
        Assert.Equal($$"""451-/custom,["hello",{"_placeholder":true,"num":0}{{(kept ? ",\"0\"" : "")}}]""", await socket.ReadText());
        Assert.Equal([5], (await socket.ReadFrame())!.Value.Payload);
    }

    private static void Same(Payload expected, Payload read)
    {
        Assert.Equal(Encoding.UTF8.GetString(expected.Json), Encoding.UTF8.GetString(read.Json));
        Assert.Equal(expected.Attachments.Length, read.Attachments.Length);
        for (var i = 0; i < expected.Attachments.Length; i++) Assert.True(expected.Attachments[i].Span.SequenceEqual(read.Attachments[i].Span));
    }

    private sealed class Unknown;
}
