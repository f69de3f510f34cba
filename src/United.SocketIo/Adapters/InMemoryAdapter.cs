using United.SocketIo.EngineIo;

namespace United.SocketIo.Adapters;

/// <summary>There are no other nodes.</summary>
internal sealed class InMemoryAdapter(Namespace ns) : IAdapter
{
    public Task<int> ServerCount() => Task.FromResult(1);

    public void Broadcast(Target target, EmitFlags flags, Payload payload)
    {
    }

    public Task BroadcastWithAck(Target target, EmitFlags flags, EngineMessage question, CollectedAcks acks)
    {
        acks.ExpectServers(1);
        return Task.CompletedTask;
    }

    public void Join(Target target, string[] rooms)
    {
    }

    public void Leave(Target target, string[] rooms)
    {
    }

    public void Disconnect(Target target, bool close)
    {
    }

    public Task<IReadOnlyList<RemoteSocket>> FetchSockets(Target target, CancellationToken ct) => Task.FromResult<IReadOnlyList<RemoteSocket>>([]);

    public void ServerSideEmit(Payload payload) => SocketIoLog.NoOtherServers(ns.Server.Log);

    public Task<IReadOnlyList<Argument>> ServerSideEmitWithAck(Payload payload)
    {
        ServerSideEmit(payload);
        return Task.FromResult<IReadOnlyList<Argument>>([]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
