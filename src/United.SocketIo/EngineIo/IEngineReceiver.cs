namespace United.SocketIo.EngineIo;

/// <summary>
/// What sits on an Engine.IO session. Messages come one at a time, in order; bytes are valid until the returned task completes, and
/// until then no further message is read from this client.
/// </summary>
public interface IEngineReceiver
{
    /// <param name="utf8">Valid UTF-8.</param>
    ValueTask Text(ReadOnlyMemory<byte> utf8);

    ValueTask Binary(ReadOnlyMemory<byte> bytes);

    /// <summary>Called once, after which nothing more is sent or received. A last message may still be in the receiver's hands.</summary>
    /// <param name="reason">One of <see cref="CloseReasons"/>.</param>
    void Closed(string reason);
}

/// <summary>The original's words for why a session or a socket ended.</summary>
public static class CloseReasons
{
    public const string TransportError = "transport error";
    public const string TransportClose = "transport close";
    public const string ForcedClose = "forced close";
    public const string PingTimeout = "ping timeout";
    public const string ParseError = "parse error";
    public const string ServerShuttingDown = "server shutting down";
    public const string ForcedServerClose = "forced server close";
    public const string ClientNamespaceDisconnect = "client namespace disconnect";
    public const string ServerNamespaceDisconnect = "server namespace disconnect";
}
