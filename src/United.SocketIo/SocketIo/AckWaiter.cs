namespace United.SocketIo;

/// <summary>Someone who waits for a client's acknowledgement.</summary>
internal abstract class AckWaiter
{
    public abstract void Answered(Arguments answer);

    /// <summary>The client has gone.</summary>
    public abstract void Lost();
}

/// <summary>Waits for the answer of one socket.</summary>
internal sealed class SingleAck : AckWaiter
{
    private readonly TaskCompletionSource<Arguments> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Answered(Arguments answer) => _answer.TrySetResult(answer);

    public override void Lost() => _answer.TrySetException(new SocketDisconnectedException());

    /// <exception cref="AckTimeoutException"/>
    /// <exception cref="SocketDisconnectedException"/>
    public async Task<Arguments> Within(TimeSpan timeout, TimeProvider time)
    {
        try
        {
            return await _answer.Task.WaitAsync(timeout, time);
        }
        catch (TimeoutException)
        {
            throw new AckTimeoutException([]);
        }
    }
}

/// <summary>
/// Collects the first value of each client's answer to a broadcast. Complete when every server has said to how many clients it wrote,
/// and as many have answered. A client that goes without an answer is missed until the time is over, as with the original.
/// </summary>
internal sealed class CollectedAcks : AckWaiter
{
    private readonly Lock _gate = new();
    private readonly List<Argument> _answers = [];
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _serversLeft = int.MaxValue;
    private int _serversHeard;
    private int _clients;

    public void ExpectServers(int count)
    {
        lock (_gate)
        {
            _serversLeft = count - _serversHeard;
            Check();
        }
    }

    /// <summary>One server has written to that many clients.</summary>
    public void Expect(int clients)
    {
        lock (_gate)
        {
            _clients += clients;
            _serversHeard++;
            if (_serversLeft != int.MaxValue) _serversLeft--;
            Check();
        }
    }

    public override void Answered(Arguments answer) => Add(answer.Count > 0 ? answer[0] : Undefined);

    public void Add(Argument answer)
    {
        lock (_gate)
        {
            _answers.Add(answer);
            Check();
        }
    }

    public override void Lost()
    {
    }

    /// <exception cref="AckTimeoutException">Carries the answers that came.</exception>
    public async Task<IReadOnlyList<Argument>> Within(TimeSpan timeout, TimeProvider time)
    {
        try
        {
            await _complete.Task.WaitAsync(timeout, time);
            return Snapshot();
        }
        catch (TimeoutException)
        {
            throw new AckTimeoutException(Snapshot());
        }
    }

    internal static Argument Undefined { get; } = new("null"u8.ToArray(), []);

    private Argument[] Snapshot()
    {
        lock (_gate) return [.. _answers];
    }

    private void Check()
    {
        if (_serversLeft <= 0 && _answers.Count >= _clients) _complete.TrySetResult();
    }
}

/// <summary>Not all who were asked have answered in time.</summary>
public sealed class AckTimeoutException(IReadOnlyList<Argument> responses) : TimeoutException("operation has timed out")
{
    /// <summary>The answers that came in time. Empty where only one was awaited.</summary>
    public IReadOnlyList<Argument> Responses { get; } = responses;
}

/// <summary>The socket disconnected before it answered.</summary>
public sealed class SocketDisconnectedException() : IOException("socket has been disconnected");
