using System.Diagnostics;

namespace United.SocketIo.Bench;

/// <param name="PerSecond">Deliveries or acknowledgements.</param>
/// <param name="Cost">Microseconds of the server's processor time for each.</param>
internal readonly record struct Rate(double PerSecond, double Cost);

/// <summary>One thread that sends and counts bytes: each answer has the same length, so there is nothing to parse.</summary>
internal static class Scenarios
{
    private const string Text = "The quick brown fox jumps over the lazy dog, and the dog does not mind at all. 0123456789";

    public static Rate Broadcast(Peer peer, int receivers, int inFlight, TimeSpan time)
    {
        using var clients = Clients.Connect(peer.Port, receivers);
        using var epoll = Watch(clients);
        var ask = TextFrame.OfClient($"""42["broadcast","{Text}"]""");
        var length = (long)TextFrame.LengthOfServer($"""42["news","{Text}"]""");
        long received = 0, asked = 0;
        var buffer = new byte[256 * 1024];
        var before = peer.Used();
        var clock = Stopwatch.StartNew();
        for (; asked < inFlight; asked++) Epoll.Send(clients[0], ask);
        while (clock.Elapsed < time || received < asked * receivers * length)
        {
            foreach (var ready in epoll.Wait(TimeSpan.FromSeconds(1))) received += Epoll.Receive(clients[(int)ready.Data], buffer);
            for (; clock.Elapsed < time && asked - received / (receivers * length) < inFlight; asked++) Epoll.Send(clients[0], ask);
        }
        return new Rate(received / length / clock.Elapsed.TotalSeconds, (peer.Used() - before).TotalMicroseconds / (received / length));
    }

    /// <summary>
    /// Each connection has its share of what is in flight. What is due on one connection leaves in one write: with a system call for each
    /// message the client's own core would be the limit.
    /// </summary>
    public static Rate Echo(Peer peer, int connections, int inFlight, TimeSpan time)
    {
        using var clients = Clients.Connect(peer.Port, connections);
        using var epoll = Watch(clients);
        var ask = TextFrame.OfClient($"""4210["echo","{Text}"]""");
        var length = TextFrame.LengthOfServer($"""4310["{Text}"]""");
        var asks = Enumerable.Repeat(ask, inFlight).SelectMany(frame => frame).ToArray();
        var pending = new int[connections];
        var buffer = new byte[256 * 1024];
        long received = 0;
        var before = peer.Used();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < inFlight; i++) Epoll.Send(clients[i % connections], ask);
        while (clock.Elapsed < time)
        {
            foreach (var ready in epoll.Wait(TimeSpan.FromSeconds(1)))
            {
                var client = (int)ready.Data;
                var count = Epoll.Receive(clients[client], buffer);
                received += count;
                var (answered, rest) = Math.DivRem(pending[client] + count, length);
                pending[client] = rest;
                if (answered > 0) Epoll.Send(clients[client], asks.AsSpan(0, answered * ask.Length));
            }
        }
        return new Rate(received / length / clock.Elapsed.TotalSeconds, (peer.Used() - before).TotalMicroseconds / (received / length));
    }

    /// <summary>Sends at a fixed rate whatever comes back, over 64 connections in turn.</summary>
    /// <returns>Milliseconds: median and 99th percentile, from when each was due.</returns>
    public static (double Median, double P99) Latency(int port, double perSecond, TimeSpan time)
    {
        using var clients = Clients.Connect(port, 64);
        using var epoll = Watch(clients);
        var ask = TextFrame.OfClient($"""4210["echo","{Text}"]""");
        var length = TextFrame.LengthOfServer($"""4310["{Text}"]""");
        var due = Enumerable.Range(0, clients.Count).Select(_ => new Queue<double>()).ToArray();
        var pending = new int[clients.Count];
        var latencies = new List<double>();
        var buffer = new byte[64 * 1024];
        var clock = Stopwatch.StartNew();
        for (long sent = 0; clock.Elapsed < time;)
        {
            for (; sent < clock.Elapsed.TotalSeconds * perSecond; sent++)
            {
                var client = (int)(sent % clients.Count);
                due[client].Enqueue(1000 * sent / perSecond);
                Epoll.Send(clients[client], ask);
            }
            foreach (var ready in epoll.Wait(TimeSpan.Zero))
            {
                var client = (int)ready.Data;
                pending[client] += Epoll.Receive(clients[client], buffer);
                for (; pending[client] >= length; pending[client] -= length) latencies.Add(clock.Elapsed.TotalMilliseconds - due[client].Dequeue());
            }
        }
        latencies.Sort();
        return (latencies[latencies.Count / 2], latencies[latencies.Count * 99 / 100]);
    }

    /// <returns>MiB of the whole process with so many idle clients, and KiB for each of them.</returns>
    public static (double Total, double PerClient) Memory(Peer peer, int count)
    {
        using (Clients.Connect(peer.Port, 50))
        {
        }
        var before = peer.Resident();
        using var clients = Clients.Connect(peer.Port, count);
        Thread.Sleep(3000);
        var after = peer.Resident();
        return (after / 1024.0, (double)(after - before) / count);
    }

    private static Epoll Watch(Clients clients)
    {
        var epoll = new Epoll();
        for (var i = 0; i < clients.Count; i++) epoll.Watch(clients[i], i);
        return epoll;
    }
}
