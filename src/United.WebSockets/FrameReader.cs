using System.IO.Pipelines;

namespace United.WebSockets;

/// <summary>
/// Reads one client's frames from its stream. Between frames it waits without a buffer, and in one method: each that waits costs more than a hundred
/// bytes for as long as the client says nothing.
/// </summary>
public sealed class FrameReader(Stream stream, int mostMessage, bool takesText = false) : IDisposable
{
    private readonly FrameDecoder _decoder = new(mostMessage, takesText);

    /// <summary>Read by itself where there is one: a stream around it would be a second method that waits.</summary>
    private readonly PipeReader? _pipe = (stream as BareStream)?.Input;

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
            if (_decoder.IsIdle) _decoder.Rest();
            int count;
            if (_pipe is not null)
            {
                var arrived = await _pipe.ReadAsync(ct);
                count = BareStream.Take(_pipe, arrived, _decoder.Free().Span);
            }
            else
            {
                // Returns when there is something to read, without holding a buffer while there is not.
                if (_decoder.IsIdle) _ = await stream.ReadAsync(Memory<byte>.Empty, ct);
                count = await stream.ReadAsync(_decoder.Free(), ct);
            }
            _decoder.Received(count);
            if (count == 0) return null;
        }
    }

    public void Dispose() => _decoder.Dispose();
}
