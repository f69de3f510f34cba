using United.Core.DirectMessages;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;

namespace United.Core.Tests.DirectMessages;

/// <summary>A node to which Bob connects, and to whom Ada writes; its clock is the test's.</summary>
internal sealed class DmNode : IAsyncDisposable
{
    private readonly Guid _id;

    private DmNode(DmScene dm, ManualTime time, (Caller Ada, Caller Bob, Guid Id) pair)
    {
        (Dm, Time, Ada, Bob, _id) = (dm, time, pair.Ada, pair.Bob, pair.Id);
    }

    public DmScene Dm { get; }

    public ManualTime Time { get; }

    public Caller Bob { get; }

    private Caller Ada { get; }

    public static async Task<DmNode> On(Engine engine, TimeSpan? deadFoundWithin = null)
    {
        var time = new ManualTime();
        var dm = await DmScene.On(engine, time, deadFoundWithin);
        return new DmNode(dm, time, await dm.Pair());
    }

    /// <summary>For long enough to hear all that is told.</summary>
    public Task Connect(int devices = 1)
    {
        Dm.Live.Count(Bob.UserId, devices);
        return Pass(TimeSpan.FromSeconds(10));
    }

    public void Disconnect() => Dm.Live.Count(Bob.UserId, 0);

    public async Task<Guid> Send()
    {
        var sent = await Dm.Send(Ada, _id);
        Dm.Live.Hear([new MessagePosted(sent, Open: false)]);
        return sent.Id;
    }

    public async Task Pass(TimeSpan by)
    {
        Time.Advance(by);
        await Dm.Queue.TakeOutlived();
    }

    /// <summary>Nobody looks meanwhile what is outlived.</summary>
    public async Task PassUnseen(TimeSpan by)
    {
        Time.Advance(by);
        await Task.Yield();
    }

    public Task<Guid[]> Waiting() => Dm.Waiting(Bob);

    /// <summary>What another node shows, or this one after a restart.</summary>
    public async Task<Guid[]> WaitingElsewhere()
    {
        await using var other = Dm.Other();
        return await other.Waiting(Bob);
    }

    public Task<long> Entries() => Dm.Entries(Bob);

    public ValueTask DisposeAsync() => Dm.DisposeAsync();
}
