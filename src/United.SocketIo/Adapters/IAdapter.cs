using United.SocketIo.EngineIo;

namespace United.SocketIo.Adapters;

/// <summary>
/// The other nodes, as one namespace sees them. What concerns this node the namespace has done already when it turns to its adapter;
/// what another node wants done here the adapter has the namespace do. So a lost cluster never keeps local clients waiting.
/// </summary>
internal interface IAdapter : IAsyncDisposable
{
    /// <summary>This node included.</summary>
    Task<int> ServerCount();

    void Broadcast(Target target, EmitFlags flags, Payload payload);

    /// <summary>Asks the clients of the other nodes, and tells <paramref name="acks"/> how many nodes there are, this one included.</summary>
    /// <param name="flags">With a timeout, after which no answer counts.</param>
    /// <param name="question">As the clients of this node got it.</param>
    Task BroadcastWithAck(Target target, EmitFlags flags, EngineMessage question, CollectedAcks acks);

    void Join(Target target, string[] rooms);

    void Leave(Target target, string[] rooms);

    void Disconnect(Target target, bool close);

    /// <summary>The sockets of the other nodes.</summary>
    /// <exception cref="TimeoutException">A node does not answer.</exception>
    Task<IReadOnlyList<RemoteSocket>> FetchSockets(Target target, CancellationToken ct);

    void ServerSideEmit(Payload payload);

    /// <exception cref="AckTimeoutException"/>
    Task<IReadOnlyList<Argument>> ServerSideEmitWithAck(Payload payload);
}
