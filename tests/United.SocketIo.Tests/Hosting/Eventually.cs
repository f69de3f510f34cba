namespace United.SocketIo.Tests.Hosting;

/// <summary>For what another side does in its own time, and tells nobody.</summary>
internal static class Eventually
{
    public static async Task Holds(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition()) await Task.Delay(5, patience.Token);
    }
}
