using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using United.Core.Storage;
using United.SocketIo.Bench;
using United.Testing;
using United.Wire.Ws;

namespace United.ConversationsBench;

/// <summary>
/// What it costs that a message is encrypted: 1 KiB in a direct conversation and in an encrypted one of the same two people, both on line, in
/// alternating rounds on one server. Over the protobuf socket, where both are bytes and are answered alike. Twice: against the bare text, and
/// against a text of as many bytes as the sealed one that may be repeated like it, by a client_id, as our clients send it. The second leaves
/// out what the format adds to a message, and what it costs to know a message again.
/// </summary>
internal static class EncryptedSends
{
    private const double Goal = 1.2;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MostRest = TimeSpan.FromSeconds(10);

    public static async Task Run(PostgresServer postgres, Engine[] engines, int rounds, TimeSpan time)
    {
        foreach (var engine in engines)
        {
            await using var server = await TalkingPairs.Start(engine == Engine.Postgres ? await postgres.CreateDatabase() : null);
            using var swarm = Swarm.Connect(server.People, (number, person) => Line.OpenProto(number, server.Port, person.Token));
            Send[][] kinds = [Array.ConvertAll(server.Direct, Send.Plain), Array.ConvertAll(server.Direct, Send.Repeatable), Array.ConvertAll(server.Encrypted, Send.Encrypted)];
            foreach (var inFlight in (int[])[TalkingPairs.Count, 1])
            {
                foreach (var sends in kinds) Rate(swarm, sends, inFlight, WarmUp);
                List<double>[] rates = [[], [], []];
                for (var round = 0; round < rounds; round++)
                {
                    foreach (var (sends, rate) in kinds.Zip(rates)) rate.Add(Rate(swarm, sends, inFlight, time));
                }
                Print($"{engine}, 1 KiB, {inFlight} in flight (acknowledged/s)", rates[0], rates[1], rates[2]);
            }
        }
    }

    /// <summary>One after the other the pairs send, always so many at once.</summary>
    private static double Rate(Swarm swarm, Send[] sends, int inFlight, TimeSpan time)
    {
        var (acknowledged, delivered, next) = (0, 0, 0);
        void SendNext()
        {
            var pair = next++ % sends.Length;
            swarm[2 * pair].Send(sends[pair].Next());
        }
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < inFlight; i++) SendNext();
        for (var over = false; !over || acknowledged < next;)
        {
            swarm.Hear((line, packet) =>
            {
                var heard = Envelope.Parser.ParseFrom(packet);
                if (heard.PayloadCase == Envelope.PayloadOneofCase.Error) throw new InvalidOperationException(heard.Error.ToString());
                if (line.Number % 2 == 1 && heard.PayloadCase is Envelope.PayloadOneofCase.DmMessageEvent or Envelope.PayloadOneofCase.NewMessageEvent) delivered++;
                if (heard.PayloadCase != Envelope.PayloadOneofCase.SendMessageResult) return;
                acknowledged++;
                if (!over) SendNext();
            });
            over |= clock.Elapsed >= time;
        }
        var rate = acknowledged / clock.Elapsed.TotalSeconds;
        while (delivered < acknowledged && clock.Elapsed < 2 * time) swarm.Hear((line, packet) => delivered += line.Number % 2);
        Rest(swarm);
        return delivered >= acknowledged ? rate : throw new InvalidOperationException($"{acknowledged} were acknowledged, and {delivered} reached the other.");
    }

    // Search reads what was plain when there is time for it: that time belongs to nobody else's round.
    private static void Rest(Swarm swarm)
    {
        var clock = Stopwatch.StartNew();
        for (var busy = 1.0; busy > 0.1 && clock.Elapsed < MostRest;)
        {
            var before = Machine.BusyTime();
            var since = clock.Elapsed;
            while (clock.Elapsed - since < TimeSpan.FromMilliseconds(300)) swarm.Hear(static (_, _) => { });
            busy = (Machine.BusyTime() - before) / (clock.Elapsed - since);
        }
    }

    private static void Print(string what, List<double> plain, List<double> repeatable, List<double> encrypted)
    {
        Console.WriteLine(what);
        Console.WriteLine(Shown("encrypted", encrypted));
        Console.WriteLine(Shown("plain", plain) + Cost(plain, encrypted));
        Console.WriteLine(Shown("as large, repeatable", repeatable) + Cost(repeatable, encrypted));
    }

    private static string Cost(List<double> plain, List<double> encrypted)
    {
        var ratio = Median(plain) / Median(encrypted);
        return string.Create(CultureInfo.InvariantCulture, $"  encrypted costs {ratio:N2} times, goal {Goal:N1}: {(ratio <= Goal ? "reached" : "MISSED")}");
    }

    private static string Shown(string name, List<double> rates) =>
        string.Create(CultureInfo.InvariantCulture, $"  {name,-20} {Median(rates),9:N0} /s  ({rates.Min():N0} to {rates.Max():N0})");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>A frame, made once; the digits at that place count what is sent, in a nonce or a client_id.</summary>
    private sealed class Send(byte[] frame, int digitsAt)
    {
        // What dm1 makes of a text of 1 KiB: the text with its frame padded to 1,152 bytes, one tag, two slots, prefix and commitment.
        private const int Text = 1024, Sealed = 1308;

        private const string Digits = "0000000000000000";

        private long _count = Stopwatch.GetTimestamp();

        public static Send Plain(Guid conversation) => Of(new SendMessage { ChannelId = conversation.ToString(), Content = new string('x', Text) });

        public static Send Repeatable(Guid conversation) => Of(new SendMessage { ChannelId = conversation.ToString(), Content = new string('x', Sealed), ClientId = Digits });

        public static Send Encrypted(Guid conversation)
        {
            return Of(new Envelope
            {
                RequestId = "1",
                DmSend = new DmSend
                {
                    ConversationId = conversation.ToString(),
                    EncryptedPayload = ByteString.CopyFrom(System.Security.Cryptography.RandomNumberGenerator.GetBytes(Sealed)),
                    Nonce = ByteString.CopyFrom([.. Guid.NewGuid().ToByteArray().AsSpan(8), .. Encoding.ASCII.GetBytes(Digits)]),
                    EphemeralPubkey = ByteString.CopyFrom(new byte[32]),
                    Timestamp = 1_700_000_000_000,
                },
            });
        }

        public ReadOnlySpan<byte> Next()
        {
            if (digitsAt >= 0) Utf8Formatter.TryFormat(_count++, frame.AsSpan(digitsAt), out _, new StandardFormat('x', (byte)Digits.Length));
            return frame;
        }

        private static Send Of(SendMessage message) => Of(new Envelope { RequestId = "1", SendMessage = message });

        private static Send Of(Envelope envelope)
        {
            var frame = Frame(envelope);
            return new Send(frame, frame.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Digits)));
        }

        // Masked with zeros, as a client may.
        private static byte[] Frame(Envelope envelope)
        {
            var bytes = envelope.ToByteArray();
            return [0x82, 0xFE, (byte)(bytes.Length >> 8), (byte)bytes.Length, 0, 0, 0, 0, .. bytes];
        }
    }
}
