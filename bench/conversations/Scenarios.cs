using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using United.SocketIo.Bench;

namespace United.ConversationsBench;

internal static class Scenarios
{
    private const string Text = "The quick brown fox jumps over the lazy dog, and the dog does not mind at all. 0123456789";

    /// <summary>Each pair is a conversation, in which one of the two sends and waits for the acknowledgement.</summary>
    /// <returns>Acknowledged messages a second.</returns>
    public static double Sends(Peer peer, int inFlight, TimeSpan time)
    {
        var pairs = Math.Min(inFlight, peer.Pairs.Length);
        using var swarm = Swarm.Connect(peer, peer.People.Take(2 * pairs));
        var asks = Array.ConvertAll(peer.Pairs, id => TextFrame.OfClient(Ask(id, Text)));
        var (acknowledged, delivered) = (0, 0);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < inFlight; i++) swarm[2 * (i % pairs)].Send(asks[i % pairs]);
        while (clock.Elapsed < time)
        {
            swarm.Hear((line, packet) =>
            {
                if (line.Number % 2 == 1 && IsMessage(packet)) delivered++;
                if (!IsAcknowledgement(packet)) return;
                acknowledged++;
                line.Send(asks[line.Number / 2]);
            });
        }
        var rate = acknowledged / clock.Elapsed.TotalSeconds;
        if (delivered < acknowledged - (2 * inFlight)) throw new InvalidOperationException($"{acknowledged} were acknowledged, and {delivered} reached the other.");
        return rate;
    }

    /// <summary>500 clients in groups of ten, each sending in turn, 200 times a second in all, whatever comes back.</summary>
    /// <returns>Milliseconds from when a message was due until the last of its ten receivers had it: the median, and the 99th percentile.</returns>
    public static (double Median, double P99) Groups(Peer peer, TimeSpan time)
    {
        const int perSecond = 200;
        var groups = peer.Groups;
        using var swarm = Swarm.Connect(peer, peer.People.Take(10 * groups.Length));
        var missing = new List<int>();
        var latencies = new List<double>();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < time || (latencies.Count < missing.Count && clock.Elapsed < 2 * time))
        {
            for (; clock.Elapsed < time && missing.Count < clock.Elapsed.TotalSeconds * perSecond; missing.Add(10))
            {
                // One group after the other, so that a slow one holds up nobody else.
                var group = missing.Count % groups.Length;
                var sender = (10 * group) + (missing.Count / groups.Length % 10);
                swarm[sender].Send(TextFrame.OfClient(Ask(groups[group], $"m{missing.Count} {Text}")));
            }
            swarm.Hear(UntilNext(), (_, packet) =>
            {
                if (NumberOf(packet) is { } number && --missing[number] == 0) latencies.Add(clock.Elapsed.TotalMilliseconds - (1000.0 * number / perSecond));
            });
        }
        if (latencies.Count < missing.Count) throw new InvalidOperationException($"{missing.Count - latencies.Count} messages did not reach everybody.");
        latencies.Sort();
        return (latencies[latencies.Count / 2], latencies[latencies.Count * 99 / 100]);

        TimeSpan UntilNext()
        {
            var (now, due) = (clock.Elapsed, TimeSpan.FromSeconds(missing.Count / (double)perSecond));
            return now >= time ? TimeSpan.FromMilliseconds(1) : due > now ? due - now : TimeSpan.Zero;
        }
    }

    /// <summary>One group whose 2,000 members are all on line.</summary>
    /// <returns>Persisted messages delivered a second, each to 2,000.</returns>
    public static double Large(Peer peer, TimeSpan time)
    {
        const int members = 2000, inFlight = 4;
        var ask = TextFrame.OfClient(Ask(peer.Large, Text));
        using var swarm = Swarm.Connect(peer, peer.People.Take(members));
        long delivered = 0, asked = 0;
        var clock = Stopwatch.StartNew();
        for (; asked < inFlight; asked++) swarm[(int)asked].Send(ask);
        while (clock.Elapsed < time)
        {
            swarm.Hear((_, packet) => delivered += IsMessage(packet) ? 1 : 0);
            for (; asked - (delivered / members) < inFlight; asked++) swarm[(int)(asked % members)].Send(ask);
        }
        return delivered / clock.Elapsed.TotalSeconds;
    }

    /// <summary>5,000 idle clients, each in 20 groups of ten.</summary>
    /// <returns>MiB of the whole process, and KiB for each client.</returns>
    public static async Task<(double Total, double PerClient)> Memory(Peer peer)
    {
        const int clients = 5000, conversations = 20, members = 10;
        var people = peer.People.Take(clients).ToArray();
        await peer.Found([.. Enumerable.Range(0, clients * conversations / members).Select(group =>
            Enumerable.Range(0, members).Select(member => people[((group * members) + (member * (1 + (group * members / clients)))) % clients]).Distinct().ToArray())]);
        using (Swarm.Connect(peer, peer.People.Take(50)))
        {
        }
        var before = peer.Resident();
        using var swarm = Swarm.Connect(peer, people);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(5);) swarm.Hear(static (_, _) => { });
        var after = peer.Resident();
        return (after / 1024.0, (double)(after - before) / clients);
    }

    private static string Ask(Guid conversation, string content) => $$"""420["message:send",{"conversationId":"{{conversation}}","content":"{{content}}"}]""";

    private static bool IsAcknowledgement(ReadOnlySpan<byte> packet)
    {
        if (!packet.StartsWith("430["u8)) return false;
        return packet.IndexOf("\"success\":true"u8) > 0 ? true : throw new InvalidOperationException(Encoding.UTF8.GetString(packet));
    }

    private static bool IsMessage(ReadOnlySpan<byte> packet)
    {
        if (packet.StartsWith("430["u8)) IsAcknowledgement(packet);
        return packet.StartsWith("42[\"message:new\""u8);
    }

    private static int? NumberOf(ReadOnlySpan<byte> packet)
    {
        var content = "\"content\":\"m"u8;
        return IsMessage(packet) && packet.IndexOf(content) is >= 0 and var at && Utf8Parser.TryParse(packet[(at + content.Length)..], out int number, out _) ? number : null;
    }
}
