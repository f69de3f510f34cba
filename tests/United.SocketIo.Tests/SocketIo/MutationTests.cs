using System.Text;

namespace United.SocketIo.Tests.SocketIo;

/// <summary>Weighs all that lives in the process, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(MutationTests), DisableParallelization = true)]
[Collection(nameof(MutationTests))]
public sealed class MutationTests
{
    private static readonly string[] Valid =
    [
        """42["message",1,"2",{"3":[true]}]""", """42456["message-with-ack",{"a":null}]""", """451-["message",{"_placeholder":true,"num":0}]""", "3", "40/custom,{\"a\":1}",
        "41/custom", """431[]""", """42/custom,7["x","é"]""", "bAQID",
    ];

    [Fact]
    public async Task Ten_thousand_mutations_of_valid_traffic_harm_nobody_else()
    {
        await using var host = await SocketIoHost.Start();
        host.Io.OnConnection(socket => socket.On("message", e => socket.Emit("message-back", [.. e.Args.Cast<object?>()])));
        host.Io.Of("/custom");
        using var witness = await RawWebSocket.Join(host);
        var random = new Random(11);
        await Bombard(host, random, 200);
        var before = LiveBytes();
        for (var round = 0; round < 98; round++)
        {
            await Bombard(host, random, 100);
            await witness.SendText($$"""42["message",{{round}}]""");
            Assert.Equal($$"""42["message-back",{{round}}]""", await witness.ReadTextButPing());
        }
        await Eventually.Holds(() => host.Io.Engine.Count == 1 && host.Io.Of("/").Sockets.Count == 1);
        Assert.InRange(LiveBytes() - before, long.MinValue, 8 * 1024 * 1024);
    }

    /// <summary>One connection, as many mutated frames; it may be closed in the middle.</summary>
    private static async Task Bombard(SocketIoHost host, Random random, int frames)
    {
        using var socket = await RawWebSocket.Join(host);
        try
        {
            for (var i = 0; i < frames; i++) await socket.Send(Mutated(random));
        }
        catch (IOException)
        {
            // It has been closed, which is an answer.
        }
    }

    private static byte[] Mutated(Random random)
    {
        var payload = Encoding.UTF8.GetBytes(Valid[random.Next(Valid.Length)]);
        for (var hits = random.Next(3); hits > 0; hits--) payload[random.Next(payload.Length)] = (byte)random.Next(256);
        if (random.Next(4) == 0) payload = payload[..random.Next(payload.Length)];
        var frame = RawWebSocket.Frame(random.Next(8) == 0 ? (byte)0x82 : (byte)0x81, payload);
        if (random.Next(50) == 0) frame[random.Next(Math.Min(2, frame.Length))] = (byte)random.Next(256);
        return frame;
    }

    private static long LiveBytes() => GC.GetTotalMemory(forceFullCollection: true);
}
