using System.IO.Pipelines;

namespace United.WebSockets;

/// <summary>A connection's pipes as the HTTP server gets them: it may use them like its own, and its good-byes can be kept from them.</summary>
internal sealed class StandInPipe(IDuplexPipe connection) : IDuplexPipe
{
    private readonly StandInReader _input = new(connection.Input);
    private readonly StandInWriter _output = new(connection.Output);

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    /// <summary>From now on the pipes outlive whoever says that they are done with.</summary>
    public void Keep() => _input.Kept = _output.Kept = true;

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
        public bool Kept { get; set; }

        public override bool CanGetUnflushedBytes => connection.CanGetUnflushedBytes;

        public override long UnflushedBytes => connection.UnflushedBytes;

        public override void Advance(int bytes) => connection.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => connection.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => connection.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => connection.FlushAsync(cancellationToken);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
            connection.WriteAsync(source, cancellationToken);

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
