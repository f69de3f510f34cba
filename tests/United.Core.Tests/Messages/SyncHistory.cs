using United.Core.Channels;
using United.Core.Messages;
using United.Core.Realtime;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>
/// What people do to a public and a private channel, a few things at a time, while their devices catch up at moments of their own. At
/// the end each device must show what one shows that has just come, and know of every membership that changed since it came.
/// </summary>
internal sealed class SyncHistory(LogScene scene, Caller[] people, Guid open, Guid closed)
{
    private const int Devices = 2;

    private readonly ChannelDirectory _channels = Directory(scene);
    private readonly SyncingReader[] _readers = [.. Enumerable.Range(0, Devices * people.Length).Select(i => new SyncingReader(scene.Database, people[i % people.Length]))];
    private readonly List<(Guid Conversation, Guid Id)> _messages = [];

    /// <param name="people">May manage channels.</param>
    public static async Task<SyncHistory> Begin(LogScene scene, Caller[] people)
    {
        var (channels, name) = (Directory(scene), Ids.New(scene.Time));
        var open = (await channels.Create(people[0], new CreateChannel($"{name} o"))).Value;
        var closed = (await channels.Create(people[0], new CreateChannel($"{name} c", Private: true, MemberIds: [.. people.Select(person => person.UserId)]))).Value;
        return new SyncHistory(scene, people, open.Id, closed.Id);
    }

    /// <summary>All at once. Any number is something that somebody tries to do, or a device that catches up; some of it will be refused.</summary>
    public Task Do(int[] steps)
    {
        var acts = steps.Where(step => !Syncs(step)).Select(Act).ToArray();
        var syncs = steps.Where(Syncs).Select(step => _readers[step / 14 % _readers.Length]).Distinct().Select(reader => reader.CatchUp(default));
        return Task.WhenAll([.. acts, .. syncs]);
    }

    public async Task End(CancellationToken ct)
    {
        foreach (var reader in _readers)
        {
            await reader.CatchUp(ct);
            var fresh = new SyncingReader(scene.Database, reader.Caller);
            await fresh.Load(ct);
            Assert.Equal(fresh.Picture(), reader.Picture());
            await reader.AssertKnowsMembers(ct);
        }
        foreach (var channel in (Guid[])[open, closed]) Assert.True((await _channels.Delete(people[0], channel, ct)).Ok);
        foreach (var reader in _readers)
        {
            await reader.CatchUp(ct);
            Assert.False(reader.Knows(open) || reader.Knows(closed), "A deleted channel is still known.");
        }
    }

    private static bool Syncs(int step) => step % 14 >= 10;

    private Task Act(int step)
    {
        var (who, conversation, rest) = (people[step / 14 % people.Length], step / 42 % 2 == 0 ? open : closed, step / 84);
        var (at, message) = Message(rest);
        var other = people[1 + (rest % (people.Length - 1))].UserId;
        return (step % 14) switch
        {
            0 or 1 => Post(who, new PostMessage(conversation, $"{who.Username} {step}")),
            2 => Post(who, new PostMessage(at, $"answer {step}", ReplyToId: message)),
            3 => scene.Log.Edit(who, new EditMessage(at, message, $"edited {step}")),
            4 => scene.Log.Delete(who, new DeleteMessage(at, message)),
            5 => scene.Log.React(who, new AddReaction(message, rest % 2 == 0 ? "+" : "-", Toggle: true)),
            6 => _channels.AddMember(people[0], closed, other),
            7 => _channels.RemoveMember(rest % 2 == 0 ? people[0] : people.Single(person => person.UserId == other), closed, other),
            8 => _channels.Change(people[0], new ChangeChannel(conversation, Name: $"{conversation} {rest % 5}", Topic: $"{step}")),
            _ => scene.Log.MarkRead(who, new MoveWatermark(conversation, rest % 40)),
        };
    }

    private async Task Post(Caller who, PostMessage post)
    {
        if (!(await scene.Log.Post(who, post)).TryGet(out var posted, out _)) return;
        lock (_messages) _messages.Add((post.ConversationId, posted.MessageId));
    }

    private (Guid Conversation, Guid Id) Message(int number)
    {
        lock (_messages) return _messages.Count == 0 ? (open, Guid.Empty) : _messages[number % _messages.Count];
    }

    private static ChannelDirectory Directory(LogScene scene) => new(scene.Database, scene.Log, new Control(scene.Bus), scene.Limits, scene.Time);
}
