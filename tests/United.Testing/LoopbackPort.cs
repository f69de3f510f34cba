using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace United.Testing;

/// <summary>
/// Ports of the loopback for servers that must know theirs before they start, and find it free when they come back. They stand below
/// the range that kernels give to outgoing connections, one of which would otherwise have taken it meanwhile.
/// </summary>
public static class LoopbackPort
{
    private const int First = 20_000;
    private const int End = 32_000;

    // The odd port beside each even one that is given is held until this process ends: no other that asks is given the same.
    private static readonly ConcurrentBag<TcpListener> Claims = [];

    public static int Take()
    {
        while (true)
        {
            var port = 2 * Random.Shared.Next(First / 2, End / 2);
            if (Listen(port + 1) is not { } claim) continue;
            using var free = Listen(port);
            if (free is null)
            {
                claim.Dispose();
                continue;
            }
            Claims.Add(claim);
            return port;
        }
    }

    private static TcpListener? Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null;
        }
    }
}
