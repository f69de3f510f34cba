using System.Buffers;
using System.Text.Unicode;

namespace United.WebSockets;

/// <summary>
/// Puts together what one client sends. Knows no stream: bytes go in as they arrive (<see cref="Free"/>, <see cref="Received"/>),
/// frames come out. Buffers are rented only while bytes are in flight, and grow with what has really arrived: a length that is only
/// announced costs nothing.
/// </summary>
/// <param name="mostMessage">The largest message that is taken, in bytes.</param>
/// <param name="takesText">Text messages are taken too, and have to be UTF-8; otherwise they are refused with 1003.</param>
public sealed class FrameDecoder(int mostMessage, bool takesText = false) : IDisposable
{
    private const int FirstBuffer = 4096;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private byte[] _message = [];
    private int _messageLength;
    private OpCode _messageKind;
    private bool _fragmented;
    private bool _delivered;

    /// <summary>The largest message that is taken, in bytes.</summary>
    public int MostMessage { get; set; } = mostMessage;

    /// <summary>Why <see cref="TryRead"/> refused.</summary>
    public CloseCode Refusal { get; private set; }

    /// <summary>No byte is in flight, so no buffer is needed before the next ones have arrived.</summary>
    public bool IsIdle => _start == _end;

    /// <summary>Room for the next bytes: at least one.</summary>
    public Memory<byte> Free()
    {
        if (_end == _buffer.Length) MakeRoom();
        return _buffer.AsMemory(_end);
    }

    public void Received(int count) => _end += count;

    public Parsed TryRead(out Frame frame)
    {
        frame = default;
        ForgetDelivered();
        var parsed = FrameHeader.TryRead(_buffer.AsSpan(_start, _end - _start), MostMessage, out var header, out var refusal);
        if (parsed == Parsed.Done) refusal = Judge(header);
        Refusal = refusal;
        if (refusal != CloseCode.None) return Parsed.Refused;
        if (parsed == Parsed.NeedsMore || _end - _start < header.HeaderLength + header.PayloadLength) return Parsed.NeedsMore;
        frame = Take(header);
        if (frame.OpCode != OpCode.Text || Utf8.IsValid(frame.Payload.Span)) return Parsed.Done;
        Refusal = CloseCode.NotUtf8;
        return Parsed.Refused;
    }

    /// <summary>Gives the buffer back. Only while <see cref="IsIdle"/>.</summary>
    public void Rest()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = ([], 0, 0);
    }

    public void Dispose()
    {
        Rest();
        DropMessage();
    }

    private CloseCode Judge(in FrameHeader header)
    {
        if (header.IsControl) return CloseCode.None;
        if (header.OpCode == OpCode.Text && !takesText) return CloseCode.NotBinary;
        if (_fragmented != (header.OpCode == OpCode.Continuation)) return CloseCode.ProtocolError;
        return _messageLength + header.PayloadLength > MostMessage ? CloseCode.TooLarge : CloseCode.None;
    }

    private Frame Take(in FrameHeader header)
    {
        var payload = _buffer.AsMemory(_start + header.HeaderLength, header.PayloadLength);
        FrameHeader.Unmask(payload.Span, header.Mask);
        _start += header.HeaderLength + header.PayloadLength;
        if (header.IsControl || (header.Final && !_fragmented)) return new Frame(header.OpCode, payload);
        if (!_fragmented) _messageKind = header.OpCode;
        Append(payload.Span);
        _fragmented = !header.Final;
        if (_fragmented) return new Frame(OpCode.Continuation, default);
        _delivered = true;
        return new Frame(_messageKind, _message.AsMemory(0, _messageLength));
    }

    private void Append(ReadOnlySpan<byte> payload)
    {
        if (_message.Length < _messageLength + payload.Length)
        {
            var grown = ArrayPool<byte>.Shared.Rent(Math.Max(_messageLength + payload.Length, 2 * _message.Length));
            _message.AsSpan(0, _messageLength).CopyTo(grown);
            if (_message.Length > 0) ArrayPool<byte>.Shared.Return(_message);
            _message = grown;
        }
        payload.CopyTo(_message.AsSpan(_messageLength));
        _messageLength += payload.Length;
    }

    private void ForgetDelivered()
    {
        if (_delivered) DropMessage();
        _delivered = false;
    }

    private void DropMessage()
    {
        if (_message.Length > 0) ArrayPool<byte>.Shared.Return(_message);
        (_message, _messageLength) = ([], 0);
    }

    private void MakeRoom()
    {
        var used = _end - _start;
        var roomy = _start > 0 && used <= _buffer.Length / 2;
        var target = roomy ? _buffer : ArrayPool<byte>.Shared.Rent(Math.Max(FirstBuffer, 2 * used));
        _buffer.AsSpan(_start, used).CopyTo(target);
        if (!roomy && _buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = (target, 0, used);
    }
}
