using Google.Protobuf;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Ws;
using Xunit;

namespace United.Server.Tests.ProtoSocket;

/// <summary>Attacks on the wire, each against a live server with somebody else on it who has to notice nothing.</summary>
public sealed class HostileTests
{
    private static readonly Envelope Ping = new() { RequestId = "alive", Ping = new Ping() };

    public static TheoryData<string, int> Violations() => new()
    {
        { "unmasked", 1002 },
        { "reserved bit", 1002 },
        { "unknown opcode", 1002 },
        { "long control frame", 1002 },
        { "fragmented control frame", 1002 },
        { "continuation of nothing", 1002 },
        { "length not in its shortest form", 1002 },
        { "close with a broken reason", 1002 },
        { "close with a code that may not travel", 1002 },
        { "text", 1003 },
        { "message over 128 KiB, announced", 1009 },
        { "message over 128 KiB, in fragments", 1009 },
    };

    private static byte[] Violation(string name) => name switch
    {
        "unmasked" => new ClientFrame(ClientFrame.Binary, [1]) { Mask = null }.ToBytes(),
        "reserved bit" => new ClientFrame(ClientFrame.Binary, [1]) { Reserved = 4 }.ToBytes(),
        "unknown opcode" => new ClientFrame(5, [1]).ToBytes(),
        "long control frame" => new ClientFrame(ClientFrame.Ping, new byte[126]).ToBytes(),
        "fragmented control frame" => new ClientFrame(ClientFrame.Ping, []) { Final = false }.ToBytes(),
        "continuation of nothing" => new ClientFrame(ClientFrame.Continuation, [1]).ToBytes(),
        "length not in its shortest form" => new ClientFrame(ClientFrame.Binary, [1]) { LengthBytes = 8 }.ToBytes(),
        "close with a broken reason" => new ClientFrame(ClientFrame.Close, [3, 232, 0xFF]).ToBytes(),
        "close with a code that may not travel" => new ClientFrame(ClientFrame.Close, [3, 237]).ToBytes(),
        "text" => new ClientFrame(ClientFrame.Text, "hello"u8.ToArray()).ToBytes(),
        "message over 128 KiB, announced" => new ClientFrame(ClientFrame.Binary, []) { ClaimedLength = 131_073 }.ToBytes(),
        "message over 128 KiB, in fragments" =>
        [
            .. new ClientFrame(ClientFrame.Binary, new byte[131_000]) { Final = false }.ToBytes(), .. new ClientFrame(ClientFrame.Continuation, new byte[100]) { Final = false }.ToBytes(),
        ],
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_of_the_protocol_closes_its_connection_alone(string name, int code)
    {
        await using var scene = await WireScene.On();
        var bystander = await scene.Listen(await scene.Join("bystander"));
        var hostile = await scene.Raw(scene.Owner);
        await hostile.Send(Violation(name));
        Assert.Equal(code, await hostile.ReceiveClose());
        Assert.NotNull((await bystander.Ask(Ping)).Pong);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0x0A, 0x20, 0x61 })] // a request_id that ends before its length
    [InlineData(new byte[] { 0xA2, 0x08, 0x05, 0x0A, 0x30 })] // send_message, cut short
    [InlineData(new byte[] { 0x0A, 0x02, 0xC3, 0x28 })] // a request_id that is not UTF-8
    [InlineData(new byte[] { 0xA2, 0x08, 0x03, 0x12, 0x01, 0xFF })] // content that is not UTF-8
    [InlineData(new byte[] { 0x0B, 0x0B, 0x0B })] // groups without end
    public async Task What_does_not_parse_is_400_and_the_fifth_time_closed(byte[] bytes)
    {
        await using var scene = await WireScene.On();
        var hostile = await scene.Raw(scene.Owner);
        for (var time = 1; time <= 5; time++)
        {
            await hostile.Send(new ClientFrame(ClientFrame.Binary, bytes));
            var error = (await hostile.ReceiveEnvelope(answer => answer.Error is not null)).Error;
            Assert.Equal((400u, "malformed"), (error.Code, error.Fault));
        }
        Assert.Equal(1007, await hostile.ReceiveClose());
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0x72, 0x00 })] // hello, which only the server says
    [InlineData(new byte[] { 0x92, 0x3F, 0x00 })] // a payload of some later version
    public async Task What_is_not_a_request_is_400_and_does_no_harm(byte[] payload)
    {
        await using var scene = await WireScene.On();
        var client = await scene.Raw(scene.Owner);
        for (var time = 1; time <= 6; time++)
        {
            await client.Send(new ClientFrame(ClientFrame.Binary, [0x0A, 0x01, 0x37, .. payload]));
            var answer = await client.ReceiveEnvelope(answer => answer.Error is not null);
            Assert.Equal(("7", 400u), (answer.RequestId, answer.Error.Code));
        }
        await client.Send(Ping);
        await client.ReceiveEnvelope(answer => answer.Pong is not null);
    }

    [Fact]
    public async Task A_deeply_nested_message_is_refused_and_overflows_nothing()
    {
        await using var scene = await WireScene.On();
        var hostile = await scene.Raw(scene.Owner);
        await hostile.Send(new ClientFrame(ClientFrame.Binary, [.. Enumerable.Repeat((byte)0x0B, 100_000)]));
        Assert.Equal(400u, (await hostile.ReceiveEnvelope(answer => answer.Error is not null)).Error.Code);
    }

    [Fact]
    public async Task A_request_id_over_64_characters_is_refused()
    {
        await using var scene = await WireScene.On();
        var client = await scene.Raw(scene.Owner);
        await client.Send(new Envelope { RequestId = new string('r', 65), Ping = new Ping() });
        Assert.Equal(400u, (await client.ReceiveEnvelope(answer => answer.Error is not null)).Error.Code);
    }

    [Fact]
    public async Task Fragments_without_end_meet_the_frame_rate()
    {
        await using var scene = await WireScene.On(settings: [("Limits:FramesPerSecond", "50"), ("Limits:FrameBurst", "200")]);
        var hostile = await scene.Raw(scene.Owner);
        var flood = Repeated(new ClientFrame(ClientFrame.Continuation, []) { Final = false }, 1_000);
        await hostile.Send([.. new ClientFrame(ClientFrame.Binary, []) { Final = false }.ToBytes(), .. flood]);
        Assert.Equal(1008, await hostile.ReceiveClose());
    }

    [Fact]
    public async Task A_flood_of_pings_is_not_answered_beyond_the_frame_rate_and_then_closed()
    {
        await using var scene = await WireScene.On(settings: [("Limits:FramesPerSecond", "50"), ("Limits:FrameBurst", "200")]);
        var bystander = await scene.Listen(await scene.Join("bystander"));
        var hostile = await scene.Raw(scene.Owner);
        await hostile.Send(Repeated(new ClientFrame(ClientFrame.Ping, [1, 2, 3]), 20_000));
        var pongs = 0;
        ServerFrame? frame;
        while ((frame = await hostile.Receive()) is { OpCode: not ClientFrame.Close }) pongs += frame.OpCode == ClientFrame.Pong ? 1 : 0;
        Assert.Equal(1008, frame?.Code);
        Assert.InRange(pongs, 200, 1_000);
        Assert.NotNull((await bystander.Ask(Ping)).Pong);
    }

    [Fact]
    public async Task Requests_beyond_the_frame_rate_are_refused_with_the_time_to_come_back()
    {
        await using var scene = await WireScene.On(time: new ManualTime(), settings: [("Limits:FramesPerSecond", "1"), ("Limits:FrameBurst", "3")]);
        var client = await scene.Raw(scene.Owner);
        for (var i = 0; i < 4; i++) await client.Send(new Envelope { RequestId = i.ToString(), Ping = new Ping() });
        var refused = await client.ReceiveEnvelope(answer => answer.Error is not null);
        Assert.Equal(429u, refused.Error.Code);
        Assert.Equal("rate_limited", refused.Error.Fault);
        Assert.InRange(refused.Error.RetryAfterMs, 1u, 1_000u);
    }

    [Fact]
    public async Task Half_a_frame_and_then_nothing_costs_the_others_nothing()
    {
        await using var scene = await WireScene.On();
        var bystander = await scene.Listen(await scene.Join("bystander"));
        for (var i = 0; i < 50; i++)
        {
            var hostile = await scene.Raw();
            await hostile.Send(new ClientFrame(ClientFrame.Binary, new byte[1_000]).ToBytes()[..500]);
        }
        Assert.NotNull((await bystander.Ask(Ping)).Pong);
    }

    [Theory, EachDatabase]
    public async Task Ten_thousand_mutations_of_valid_traffic_kill_nothing_and_nobody_else_notices(Engine engine)
    {
        await using var scene = await WireScene.On(engine, settings: ("Limits:SocketsPerUser", "1000"));
        var channel = await scene.OpenChannel();
        var bystander = await scene.Listen(await scene.Join("bystander"));
        var random = new Random(20261121);
        var traffic = Traffic(channel, scene.Owner);
        var hostile = await scene.Raw(scene.Owner);
        for (var round = 0; round < 10_000; round++)
        {
            if (!await TrySend(hostile, Mutated(traffic[random.Next(traffic.Length)], random))) hostile = await Reopened(scene, hostile);
            if (round % 1_000 == 0) Assert.NotNull((await bystander.Ask(Ping)).Pong);
        }
        Assert.NotNull((await bystander.Ask(Ping)).Pong);
        Assert.False(bystander.Ended.IsCompleted);
        await using var fresh = await ProtoClient.SignIn(scene.Address, scene.Owner.AccessToken);
        Assert.NotNull((await fresh.Ask(new Envelope { SyncRequest = new SyncRequest() })).SyncResponse);
    }

    private static async Task<RawSocket> Reopened(WireScene scene, RawSocket ended)
    {
        await ended.DisposeAsync();
        return await RawSocket.Open(scene.Address, scene.Owner.AccessToken);
    }

    private static async Task<bool> TrySend(RawSocket socket, byte[] bytes)
    {
        try
        {
            await socket.Send(bytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static byte[][] Traffic(Guid channel, TestUser user)
    {
        var id = channel.ToString();
        Envelope[] requests =
        [
            new() { RequestId = "1", SendMessage = new SendMessage { ChannelId = id, Content = "hello", ClientId = "c1" } },
            new() { RequestId = "2", FetchHistoryRequest = new() { ChannelId = id, Limit = 50 } },
            new() { RequestId = "3", SyncRequest = new SyncRequest { Conversations = { [id] = 1 } } },
            new() { RequestId = "4", MarkRead = new MarkRead { ConversationId = id, Sequence = 1 } },
            new() { RequestId = "5", AddReaction = new AddReaction { MessageId = id, Emoji = "👍" } },
            new() { RequestId = "6", TokenAuth = new TokenAuth { AccessToken = user.AccessToken } },
            new() { RequestId = "7", BlobStoreRequest = new BlobStoreRequest { Version = 1, Blob = ByteString.CopyFromUtf8("blob") } },
            new() { RequestId = "8", Ping = new Ping() },
        ];
        return
        [
            .. requests.Select(request => new ClientFrame(ClientFrame.Binary, request.ToByteArray()).ToBytes()),
            new ClientFrame(ClientFrame.Ping, [1, 2]).ToBytes(), new ClientFrame(ClientFrame.Pong, []).ToBytes(),
        ];
    }

    private static byte[] Mutated(byte[] frame, Random random)
    {
        var bytes = frame.ToList();
        for (var hits = 1 + random.Next(3); hits > 0; hits--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.Insert(at, (byte)random.Next(256)); break;
                default: if (bytes.Count > 1) bytes.RemoveAt(at); break;
            }
        }
        return [.. bytes];
    }

    private static byte[] Repeated(ClientFrame frame, int times) => [.. Enumerable.Repeat(frame.ToBytes(), times).SelectMany(bytes => bytes)];
}
