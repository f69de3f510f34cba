using United.SocketIo.EngineIo;

namespace United.SocketIo.ConformanceHost;

/// <summary>Raw Engine.IO: every message comes back as it came.</summary>
internal sealed class EngineEcho(EngineSocket socket) : IEngineReceiver
{
    public ValueTask Text(ReadOnlyMemory<byte> utf8)
    {
        socket.Send(EngineMessage.Text(utf8.Span));
        return ValueTask.CompletedTask;
    }

    public ValueTask Binary(ReadOnlyMemory<byte> bytes)
    {
        socket.Send(EngineMessage.Binary(bytes.Span));
        return ValueTask.CompletedTask;
    }

    public void Closed(string reason)
    {
    }
}
