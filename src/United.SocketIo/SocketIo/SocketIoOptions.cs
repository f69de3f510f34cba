using System.Text.Json;
using United.SocketIo.Adapters;
using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>Options of a server, with the names and defaults of the original; below them the bounds that the original lacks.</summary>
public sealed class SocketIoOptions : EngineOptions
{
    /// <summary>How long a connection may stay without joining a namespace.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromMilliseconds(45_000);

    /// <summary>Null: what a client missed while it was away is lost.</summary>
    public ConnectionStateRecovery? ConnectionStateRecovery { get; set; }

    /// <summary>
    /// Forget headers, query and auth payload of a client as soon as it has joined a namespace: they hold secrets, which other nodes of the cluster
    /// may ask for, and they hold memory. <see cref="Handshake"/> is then empty from there on.
    /// </summary>
    public bool ForgetHandshakes { get; set; }

    /// <summary>Forget a dynamic namespace when its last socket leaves.</summary>
    public bool CleanupEmptyChildNamespaces { get; set; }

    /// <summary>Binary parts that one packet may have. The JavaScript parser takes no more than 10 unless told to. Those of a client are together with their packet no larger than <see cref="EngineOptions.MaxHttpBufferSize"/>.</summary>
    public int MaxAttachments { get; set; } = 10;

    /// <summary>
    /// How values become JSON and back: camel case, no reflection. Types of the application are made known by
    /// <c>options.Json.TypeInfoResolverChain.Insert(0, AppJson.Default)</c>.
    /// </summary>
    public JsonSerializerOptions Json { get; } = SocketIoJson.NewOptions();

    /// <summary>How long an acknowledgement is waited for where no timeout is given. The original waits for ever, and never frees what it waits with.</summary>
    public TimeSpan AckTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Handlers of one connection that may be running at one time. Beyond that, no further packet of this client is read until one ends.</summary>
    public int MaxConcurrentHandlers { get; set; } = 128;

    /// <summary>Acknowledgements that one socket may owe at one time.</summary>
    public int MaxPendingAcks { get; set; } = 10_000;

    /// <summary>Namespaces that one connection may be in.</summary>
    public int MaxNamespacesPerConnection { get; set; } = 100;

    /// <summary>Dynamic namespaces that clients may bring into being, in all; beyond that their names are refused as unknown.</summary>
    public int MaxChildNamespaces { get; set; } = 10_000;

    /// <summary>What connects the nodes of a cluster.</summary>
    internal Func<SocketIoServer, IAdapters> Adapters { get; set; } = _ => new InMemoryAdapters();

    internal override void Validate()
    {
        base.Validate();
        Positive(ConnectTimeout, nameof(ConnectTimeout));
        Positive(AckTimeout, nameof(AckTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAttachments, 1, nameof(MaxAttachments));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrentHandlers, 1, nameof(MaxConcurrentHandlers));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPendingAcks, 1, nameof(MaxPendingAcks));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxNamespacesPerConnection, 1, nameof(MaxNamespacesPerConnection));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxChildNamespaces, 0, nameof(MaxChildNamespaces));
        ConnectionStateRecovery?.Validate();
        Json.MakeReadOnly();
    }
}

/// <summary>A client that comes back in time gets its id, its rooms, its data, and what it missed. In the memory of this node: not across restarts or nodes.</summary>
public sealed class ConnectionStateRecovery
{
    /// <summary>How long a client may be away and be recovered.</summary>
    public TimeSpan MaxDisconnectionDuration { get; set; } = TimeSpan.FromMilliseconds(120_000);

    /// <summary>Whether a recovered client passes by the namespace's middlewares.</summary>
    public bool SkipMiddlewares { get; set; } = true;

    /// <summary>
    /// Packets that are kept for each namespace; the oldest go first, and with them the recovery of whoever needs them. What a client missed is looked for
    /// in all that came after the last event that it has seen, while nothing is sent in the namespace: more packets make that longer.
    /// </summary>
    public int MaxPackets { get; set; } = 50_000;

    /// <summary>Bytes of packets that are kept for each namespace.</summary>
    public int MaxBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Sessions of absent clients that are kept for each namespace; the oldest go first.</summary>
    public int MaxSessions { get; set; } = 10_000;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDisconnectionDuration, TimeSpan.FromMilliseconds(1), nameof(MaxDisconnectionDuration));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPackets, 1, nameof(MaxPackets));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, 1, nameof(MaxBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSessions, 1, nameof(MaxSessions));
    }
}
