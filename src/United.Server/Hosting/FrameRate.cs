using United.Core.Moderation;

namespace United.Server.Hosting;

/// <summary>How often one socket's client may send, on any wire. Asked by whoever reads from it, one frame after another.</summary>
internal sealed class FrameRate(RateLimits limits)
{
    // So many frames beyond the rate in a row are no accident.
    private const int MostOverruns = 200;

    private readonly Bucket _bucket = limits.NewBucket(Limit.Frame);
    private int _overruns;

    /// <summary>The client goes on and on without minding its refusals: its connection is to be closed.</summary>
    public bool IsIgnored => _overruns > MostOverruns;

    /// <returns>How long to wait before the next try; zero where the frame may pass.</returns>
    public TimeSpan Take()
    {
        var wait = _bucket.Take();
        _overruns = wait > TimeSpan.Zero ? _overruns + 1 : 0;
        return wait;
    }
}
