namespace United.WebSockets;

/// <summary>Reads one client's frames from its stream. Between frames it waits without a buffer.</summary>
public sealed class FrameReader(Stream stream, int mostMessage, bool takesText = false) : IDisposable
{
    private readonly FrameDecoder _decoder = new(mostMessage, takesText);

    /// <summary>The largest message that is taken, in bytes.</summary>
    public int MostMessage { get => _decoder.MostMessage; set => _decoder.MostMessage = value; }

    /// <summary>Why the last <see cref="Read"/> ended the conversation; none where the client just went away.</summary>
    public CloseCode Refusal => _decoder.Refusal;

    /// <returns>The next frame; null when the client has gone, or must go (<see cref="Refusal"/>).</returns>
    public async ValueTask<Frame?> Read(CancellationToken ct)
    {
        while (true)
        {
            switch (_decoder.TryRead(out var frame))
            {
                case Parsed.Done: return frame;
                case Parsed.Refused: return null;
            }
            if (!await Receive(ct)) return null;
        }
    }

    public void Dispose() => _decoder.Dispose();

    private async ValueTask<bool> Receive(CancellationToken ct)
    {
        if (_decoder.IsIdle)
        {
            _decoder.Rest();
            // Returns when there is something to read, without holding a buffer while there is not.
            _ = await stream.ReadAsync(Memory<byte>.Empty, ct);
        }
        var count = await stream.ReadAsync(_decoder.Free(), ct);
        _decoder.Received(count);
        return count > 0;
    }
}
