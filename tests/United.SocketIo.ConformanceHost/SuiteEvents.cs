namespace United.SocketIo.ConformanceHost;

/// <summary>The events that the official Socket.IO suite speaks.</summary>
internal static class SuiteEvents
{
    public static void Add(SocketIoServer io)
    {
        io.OnConnection(socket =>
        {
            socket.Emit("auth", socket.Handshake.Auth);
            socket.On("message", e => socket.Emit("message-back", All(e.Args)));
            socket.On("message-with-ack", e => e.Ack(All(e.Args)));
        });
        io.Of("/custom").OnConnection(socket => socket.Emit("auth", socket.Handshake.Auth));
    }

    private static object?[] All(Arguments args) => [.. args.Cast<object?>()];
}
