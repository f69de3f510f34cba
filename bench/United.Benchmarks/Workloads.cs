using Google.Protobuf;
using United.Core;
using United.Core.Messages;
using United.Core.Realtime;
using United.Server.ProtoSocket;
using United.Server.SocketIo;
using United.SocketIo;
using United.Wire.Ws;

namespace United.Benchmarks;

/// <summary>
/// What the hot path does, one operation each: timed by the benchmarks, and held to the allocation budgets of <c>bench/budgets.json</c> by a test.
/// </summary>
internal static class Workloads
{
    private static readonly Guid Channel = Ids.New(TimeProvider.System);
    private static readonly Guid Sender = Ids.New(TimeProvider.System);

    // What is kept is let go at once: otherwise it would be counted when a block for more of it has to be made.
    private static readonly ConnectionStateRecovery Brief = new() { MaxBytes = 1 };

    /// <summary>By the names of the budgets. Each makes ready, and returns the operation.</summary>
    public static IReadOnlyDictionary<string, Func<Action>> All { get; } = new Dictionary<string, Func<Action>>
    {
        ["fan_out_open_10"] = () => FanOut(10, open: true),
        ["fan_out_open_1000"] = () => FanOut(1_000, open: true),
        ["fan_out_open_10000"] = () => FanOut(10_000, open: true),
        ["fan_out_members_1000"] = () => FanOut(1_000, open: false),
        ["fan_out_closed_1000"] = () => FanOut(1_000, open: true, session => session.Outbox.Close(CloseReason.TooSlow)),
        ["outbox_1"] = () => Queue(1),
        ["outbox_64"] = () => Queue(64),
        ["outbox_4096"] = () => Queue(Outbox.MostFrames),
        ["encode_message"] = () => Encode(Message(new string('x', 100))),
        ["encode_message_largest"] = () => Encode(Message(string.Concat(Enumerable.Repeat("🦉", 4_000)), mentions: 20, reactions: 50)),
        ["encode_message_socketio"] = () => EncodePacket(Message(new string('x', 100))),
        ["broadcast_socketio"] = () => Broadcast(recovery: null),
        ["broadcast_socketio_kept"] = () => Broadcast(Brief),
        ["parse_send_message"] = () => Parse(Request(new string('x', 100))),
        ["parse_send_message_largest"] = () => Parse(Request(string.Concat(Enumerable.Repeat("🦉", 4_000)))),
        // The parser throws, and what a trace takes depends on how deep the caller stands: its budget has room for that.
        ["parse_garbage"] = () => Parse([.. Enumerable.Repeat((byte)0xFF, 1024)]),
    };

    /// <summary>One event to all, one encoding, and every outbox emptied.</summary>
    private static Action FanOut(int receivers, bool open, Action<OutboxSession>? prepare = null)
    {
        var (audience, wire) = (new Audience(), new FixedWire());
        var topic = new Topic(Channel, 0, open, sure: true);
        var sessions = new OutboxSession[receivers];
        for (var i = 0; i < receivers; i++)
        {
            sessions[i] = new OutboxSession(Ids.New(TimeProvider.System), Guid.Empty, wire, new Outbox()) { Listens = true };
            Audience.Subscribe(audience.Add(sessions[i]), topic, from: 0);
            prepare?.Invoke(sessions[i]);
        }
        var told = new MessagePosted(Message("hello"), open);
        return () =>
        {
            audience.Deliver(topic, told);
            foreach (var session in sessions) session.Outbox.TryTake(out _);
        };
    }

    private static Action Queue(int frames)
    {
        var (outbox, frame) = (new Outbox(), new byte[200]);
        return () =>
        {
            for (var i = 0; i < frames; i++) outbox.Add(frame);
            outbox.TryTake(out _);
        };
    }

    private static Action Encode(Message message)
    {
        var (encoder, told) = (new EventEncoder(), new MessagePosted(message, Open: true));
        return () => encoder.Encode(told);
    }

    private static Action EncodePacket(Message message)
    {
        var options = new SocketIoOptions { ConnectionStateRecovery = Brief };
        SocketJson.Apply(options.Json);
        var (encoder, told) = (new SocketEncoder(new SocketIoServer(options)), new MessagePosted(message, Open: false));
        return () => encoder.Encode(told);
    }

    /// <summary>As far as the queues of the receivers, of whom there are none.</summary>
    private static Action Broadcast(ConnectionStateRecovery? recovery)
    {
        var io = new SocketIoServer(new SocketIoOptions { ConnectionStateRecovery = recovery });
        return () => io.Emit("news", "text of a usual length, as people write it");
    }

    private static Action Parse(byte[] payload) => () => EnvelopeParser.Parse(payload);

    private static byte[] Request(string content)
    {
        var envelope = new Envelope { RequestId = "1", SendMessage = new SendMessage { ChannelId = Channel.ToString(), Content = content, ClientId = "c-1" } };
        var bytes = new byte[envelope.CalculateSize()];
        envelope.WriteTo(bytes.AsSpan());
        return bytes;
    }

    private static Message Message(string content, int mentions = 0, int reactions = 0)
    {
        var id = Ids.NewMessage(TimeProvider.System, Channel);
        return new Message
        {
            Id = id,
            ConversationId = Channel,
            Sequence = 1,
            Revision = 1,
            SenderId = Sender,
            SenderDisplayName = "Ada",
            SenderPublicKey = new string('a', 64),
            Content = content,
            Timestamp = 1,
            ClientId = "c-1",
            MentionUserIds = [.. Enumerable.Range(0, mentions).Select(_ => Ids.New(TimeProvider.System))],
            Reactions = [.. Enumerable.Range(0, reactions).Select(i => new Reaction(id, Channel, Sender, "", $"r{i}", 1, 1))],
        };
    }

    private sealed class FixedWire : IWireEncoder<byte[]>
    {
        private static readonly byte[] Bytes = new byte[200];

        public int Slot => 0;

        public byte[] Encode(Event told) => Bytes;
    }
}
