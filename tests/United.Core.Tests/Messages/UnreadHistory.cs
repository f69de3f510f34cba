using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>
/// What people send, edit, delete and read, on several devices each, in an open channel and in a group: beside it a model that
/// counts as the specification says, from all messages that there are.
/// </summary>
internal sealed class UnreadHistory(LogScene scene, Caller[] people, Guid[] conversations)
{
    private readonly Model[] _models = [.. conversations.Select(id => new Model(id, people.Select(person => person.UserId)))];

    public static async Task<UnreadHistory> Begin(LogScene scene, Caller[] people) =>
        new(scene, people, [await scene.OpenChannel(), await scene.Conversation(ConversationKind.Group, people)]);

    /// <summary>Any number is something that somebody does.</summary>
    public Task Do(int step)
    {
        var (act, who, model, rest) = (step % 8, people[step / 8 % people.Length], _models[step / 8 / people.Length % 2], step / 16 / people.Length);
        var mentioned = rest % 3 == 0 ? people[rest / 3 % people.Length].UserId : (Guid?)null;
        return act switch
        {
            0 => Edit(who, model, model.Own(who.UserId, rest), mentioned),
            1 => Delete(who, model, model.Own(who.UserId, rest)),
            2 => Announce(who, model),
            3 => Post(who, model, mentioned, model.Standing(rest)),
            4 or 5 => Post(who, model, mentioned, null),
            6 => Read(who, model, rest % (model.Sent.Count + 2)),
            _ => ReadOnTwoDevices(who, model, rest % (model.Sent.Count + 2), rest / 7 % (model.Sent.Count + 2)),
        };
    }

    public async Task End()
    {
        foreach (var person in people)
        {
            var states = await scene.Database.Read(sql => UnreadCounts.Of(sql, person.UserId, conversations));
            foreach (var model in _models)
            {
                var state = states[model.Id];
                Assert.Equal(
                    (person.Username, model.Read[person.UserId], model.Unread(person.UserId), model.Mentions(person.UserId)),
                    (person.Username, state.LastRead, state.UnreadCount, state.MentionCount));
            }
        }
    }

    private async Task Post(Caller who, Model model, Guid? mentioned, Sent? answered)
    {
        var posted = await scene.Post(who, new PostMessage(model.Id, Text(mentioned), answered?.Id));
        model.Sent.Add(new Sent(posted.MessageId, posted.Sequence, who.UserId, answered?.By) { Mentioned = mentioned });
        model.Move(who.UserId, posted.Sequence);
    }

    private async Task Announce(Caller who, Model model)
    {
        var message = (await scene.Log.Append(new Notice(model.Id, who, scene.Time), default)).Value;
        model.Sent.Add(new Sent(message.Id, message.Sequence, who.UserId, null) { System = true });
    }

    private async Task Edit(Caller who, Model model, Sent? message, Guid? mentioned)
    {
        if (message is null) return;
        Assert.True((await scene.Log.Edit(who, new EditMessage(model.Id, message.Id, Text(mentioned)))).Ok);
        message.Mentioned = mentioned;
    }

    private async Task Delete(Caller who, Model model, Sent? message)
    {
        if (message is null) return;
        Assert.True((await scene.Log.Delete(who, new DeleteMessage(model.Id, message.Id))).Ok);
        message.Deleted = true;
    }

    private async Task Read(Caller who, Model model, long sequence)
    {
        var read = (await scene.Log.MarkRead(who, new MoveWatermark(model.Id, sequence))).Value;
        model.Move(who.UserId, sequence);
        Assert.Equal((model.Read[who.UserId], model.Unread(who.UserId), model.Mentions(who.UserId)), (read.Sequence, read.UnreadCount, read.MentionCount));
    }

    private async Task ReadOnTwoDevices(Caller who, Model model, long one, long other)
    {
        await Task.WhenAll(scene.Log.MarkRead(who, new MoveWatermark(model.Id, one)), scene.Log.MarkRead(who, new MoveWatermark(model.Id, other)));
        model.Move(who.UserId, Math.Max(one, other));
    }

    private static string Text(Guid? mentioned) => mentioned is { } user ? $"hello @user:{user}" : "hello";

    private sealed record Sent(Guid Id, long Sequence, Guid By, Guid? Answers)
    {
        public Guid? Mentioned { get; set; }
        public bool Deleted { get; set; }
        public bool System { get; init; }

        public bool Means(Guid user) => Mentioned == user || Answers == user;
    }

    private sealed class Model(Guid id, IEnumerable<Guid> people)
    {
        public Guid Id => id;

        public List<Sent> Sent { get; } = [];

        public Dictionary<Guid, long> Read { get; } = people.ToDictionary(person => person, _ => 0L);

        public void Move(Guid user, long sequence) => Read[user] = Math.Max(Read[user], Math.Min(sequence, Sent.Count));

        public int Unread(Guid user) => Above(user).Count();

        public int Mentions(Guid user) => Above(user).Count(sent => sent.Means(user));

        public Sent? Own(Guid user, int which) => Pick([.. Sent.Where(sent => sent.By == user && !sent.Deleted && !sent.System)], which);

        public Sent? Standing(int which) => Pick([.. Sent.Where(sent => !sent.Deleted)], which);

        private IEnumerable<Sent> Above(Guid user) => Sent.Where(sent => sent.Sequence > Read[user] && sent.By != user && !sent.Deleted && !sent.System);

        private static Sent? Pick(Sent[] some, int which) => some.Length == 0 ? null : some[which % some.Length];
    }
}
