namespace United.SocketIo.Adapters;

/// <summary>Where a server's adapters come from; closed with the server, after all of them.</summary>
internal interface IAdapters : IAsyncDisposable
{
    IAdapter For(Namespace ns);
}

internal sealed class InMemoryAdapters : IAdapters
{
    public IAdapter For(Namespace ns) => new InMemoryAdapter(ns);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
