using United.Core.Conversations;
using United.Core.Messages;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Conversations;

/// <summary>
/// What people do to their groups and to conversations of two, a few things at a time, while their devices catch up at moments of
/// their own. At the end each device must show what one shows that is switched on for the first time.
/// </summary>
internal sealed class TalkHistory(LogScene scene, Caller[] people, Guid group)
{
    private const int Devices = 2;

    private readonly ConversationDirectory _talks = Talks.Over(scene);
    private readonly MessageRequests _requests = Talks.RequestsOver(scene);
    private readonly TalkReader[] _readers = [.. Enumerable.Range(0, Devices * people.Length).Select(i => new TalkReader(scene, people[i % people.Length]))];

    public static async Task<TalkHistory> Begin(LogScene scene, Caller[] people) => new(scene, people, await Talks.Over(scene).Group(people[0], people[1..]));

    /// <summary>All at once. Any number is something that somebody tries to do, or a device that catches up; some of it will be refused.</summary>
    public Task Do(int[] steps)
    {
        var acts = steps.Where(step => !Syncs(step)).Select(Act).ToArray();
        var syncs = steps.Where(Syncs).Select(step => _readers[step / 18 % _readers.Length]).Distinct().Select(reader => reader.CatchUp(default));
        return Task.WhenAll([.. acts, .. syncs]);
    }

    public async Task End(CancellationToken ct)
    {
        foreach (var reader in _readers)
        {
            await reader.CatchUp(ct);
            var fresh = new TalkReader(scene, reader.Caller);
            await fresh.Load(ct);
            Assert.Equal(fresh.Picture(), reader.Picture());
        }
        await scene.AssertDense(group);
        var roles = await scene.Database.Read(sql => sql.All("""
            select m.role from conversation_members m join conversations c on c.id = m.conversation_id and c.deleted_at is null
            where c.id = @group and m.state = 1
            """, row => (MemberRole)row.Int32(0), ("group", group)), ct);
        Assert.True(roles.Count == 0 || roles.Contains(MemberRole.Admin), "A group without an admin.");
    }

    private static bool Syncs(int step) => step % 18 >= 13;

    private Task Act(int step)
    {
        var (who, rest) = (people[step / 18 % people.Length], step / 72);
        var other = people[rest % people.Length];
        return (step % 18) switch
        {
            0 => _talks.AddMember(who, group, other.UserId, (MemberRole)(rest / 4 % 2)),
            1 => _talks.RemoveMember(who, group, other.UserId),
            2 => _talks.RemoveMember(who, group, who.UserId),
            3 => _talks.ChangeMember(who, group, other.UserId, (MemberRole)(rest / 4 % 2)),
            4 => _talks.Change(who, new ChangeGroup(group, $"name {rest % 5}")),
            5 => _talks.Hide(who, group),
            6 => _talks.Mute(who, group, rest % 2 == 0 ? null : 4_000_000_000_000 + rest),
            7 => _talks.Notify(who, group, (NotificationLevel)(rest % 3)),
            8 => Write(who, other, $"{step}"),
            9 => Answer(who, rest % 2 == 0),
            10 => HideDirect(who, other),
            _ => scene.Log.Post(who, new PostMessage(group, $"{who.Username} {step}")),
        };
    }

    private async Task Write(Caller who, Caller other, string content)
    {
        if ((await _talks.CreateDirect(who, other.UserId)).TryGet(out var direct, out _)) await scene.Log.Post(who, new PostMessage(direct.View.Conversation.Id, content));
    }

    private async Task HideDirect(Caller who, Caller other)
    {
        if ((await _talks.CreateDirect(who, other.UserId)).TryGet(out var direct, out _)) await _talks.Hide(who, direct.View.Conversation.Id);
    }

    private async Task Answer(Caller who, bool accept)
    {
        foreach (var asked in await _requests.List(who, null, 10))
            await (accept ? _requests.Accept(who, asked.Request.Id) : _requests.Decline(who, asked.Request.Id));
    }
}
