namespace United.SocketIo.Bench;

/// <summary>Both servers, one after the other, in each round: the machine's mood is shared, and the ratio is what counts.</summary>
internal static class Comparison
{
    public static void Run(int rounds, TimeSpan time, string only)
    {
        Compare("broadcast to 500, four in flight (deliveries/s)", only, rounds, peer => Scenarios.Broadcast(peer, 500, 4, time));
        Compare("broadcast to 500, one in flight (deliveries/s)", only, rounds, peer => Scenarios.Broadcast(peer, 500, 1, time));
        Compare("broadcast to 2,000, four in flight (deliveries/s)", only, rounds, peer => Scenarios.Broadcast(peer, 2000, 4, time));
        Compare("echo, 64 connections, 64 in flight (acks/s)", only, rounds, peer => Scenarios.Echo(peer, 64, 64, time));
        Compare("echo, 8 connections, 64 in flight (acks/s)", only, rounds, peer => Scenarios.Echo(peer, 8, 64, time));
        Compare("echo, one connection, 64 in flight (acks/s)", only, rounds, peer => Scenarios.Echo(peer, 1, 64, time));
        if ("latency".Contains(only, StringComparison.Ordinal)) Latency(rounds, time);
        if ("memory".Contains(only, StringComparison.Ordinal)) Memory();
    }

    private static void Compare(string what, string only, int rounds, Func<Peer, Rate> measure)
    {
        if (!what.Contains(only, StringComparison.Ordinal)) return;
        using var net = Peer.Net();
        using var node = Peer.Node();
        // The first run of each warms both compilers up.
        measure(net);
        measure(node);
        for (var round = 0; round < rounds; round++)
        {
            var (theirs, ours) = (measure(node), measure(net));
            Console.WriteLine($"{what}: Node {theirs.PerSecond:N0}, United {ours.PerSecond:N0}, ratio {ours.PerSecond / theirs.PerSecond:N2}; processor µs each: {theirs.Cost:N2}, {ours.Cost:N2}, ratio {theirs.Cost / ours.Cost:N2}");
        }
    }

    private static void Latency(int rounds, TimeSpan time)
    {
        using var net = Peer.Net();
        using var node = Peer.Node();
        Scenarios.Echo(net, 64, 64, time);
        var rate = Scenarios.Echo(node, 64, 64, time).PerSecond;
        for (var round = 0; round < rounds; round++)
        {
            var (theirs, ours) = (Scenarios.Latency(node.Port, rate, time), Scenarios.Latency(net.Port, rate, time));
            Console.WriteLine($"echo latency at {rate:N0}/s (ms, median / p99): Node {theirs.Median:N2} / {theirs.P99:N2}, United {ours.Median:N2} / {ours.P99:N2}");
        }
    }

    private static void Memory()
    {
        foreach (var start in (Func<Peer>[])[Peer.Node, Peer.Net])
        {
            using var peer = start();
            var (total, each) = Scenarios.Memory(peer, 5000);
            Console.WriteLine($"memory, 5,000 idle WebSocket clients: {peer.Name} {total:N0} MiB in all, {each:N1} KiB each");
        }
    }
}
