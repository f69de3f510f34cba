using System.Buffers;
using System.IO.Pipelines;

namespace United.WebSockets;

/// <summary>A connection's pipes as the HTTP server gets them: it uses them like its own, and what it does to end them can be kept from them.</summary>
internal sealed class StandInPipe(IDuplexPipe connection) : IDuplexPipe
{
    private readonly StandInReader _input = new(connection.Input);
    private readonly StandInWriter _output = new(connection.Output);

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    /// <summary>What was written since <see cref="Hold"/>; null where nothing is held.</summary>
    public byte[]? Held => _output.Held;

    /// <summary>From now on completing the pipes or cancelling their reads and flushes has no effect.</summary>
    public void Keep() => _input.Kept = _output.Kept = true;

    /// <summary>
    /// From now on what is written is kept here and not passed on. Does nothing where something was written before: that may still be on its way
    /// through the pipe.
    /// </summary>
    public void Hold() => _output.Hold();

    /// <summary>Back to the usual way; what was held is lost.</summary>
    public void Release() => _output.Release();

    private sealed class StandInReader(PipeReader connection) : PipeReader
    {
        public bool Kept { get; set; }

        public override void AdvanceTo(SequencePosition consumed) => connection.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => connection.AdvanceTo(consumed, examined);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => connection.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => connection.TryRead(out result);

        public override void CancelPendingRead()
        {
            if (!Kept) connection.CancelPendingRead();
        }

        public override void Complete(Exception? exception = null)
        {
            if (!Kept) connection.Complete(exception);
        }

        protected override ValueTask<ReadResult> ReadAtLeastAsyncCore(int minimumSize, CancellationToken cancellationToken) =>
            connection.ReadAtLeastAsync(minimumSize, cancellationToken);
    }

    private sealed class StandInWriter(PipeWriter connection) : PipeWriter
    {
        private bool _isUsed;
        private ArrayBufferWriter<byte>? _held;

        public bool Kept { get; set; }

        public byte[]? Held => _held?.WrittenSpan.ToArray();

        public override bool CanGetUnflushedBytes => connection.CanGetUnflushedBytes;

        public override long UnflushedBytes => connection.UnflushedBytes;

        public void Hold() => _held = _isUsed ? null : new ArrayBufferWriter<byte>();

        public void Release() => _held = null;

        public override void Advance(int bytes)
        {
            if (_held is not null)
            {
                _held.Advance(bytes);
                return;
            }
            _isUsed |= bytes > 0;
            connection.Advance(bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _held?.GetMemory(sizeHint) ?? connection.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _held is null ? connection.GetSpan(sizeHint) : _held.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => _held is null ? connection.FlushAsync(cancellationToken) : default;

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            if (_held is not null)
            {
                _held.Write(source.Span);
                return default;
            }
            _isUsed |= !source.IsEmpty;
            return connection.WriteAsync(source, cancellationToken);
        }

        public override void CancelPendingFlush()
        {
            if (!Kept) connection.CancelPendingFlush();
        }

        public override void Complete(Exception? exception = null)
        {
            if (!Kept) connection.Complete(exception);
        }
    }
}
