using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Core.Tests.Conversations;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>Two who change one message of a group in the same moment, by two nodes, a thousand times each. An exception anywhere fails the test.</summary>
public sealed class MessageRaceTests
{
    private const int Rounds = 1_000;
    private const int AtOnce = 20;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task An_edit_and_a_deletion_that_meet_end_with_the_deletion(Engine engine)
    {
        await using var race = await Race.On(engine);
        var words = $"changed, @user:{race.Ada.UserId}";

        await race.Run(async (here, there, message) =>
        {
            var edit = here.Log.Edit(race.Bob, new EditMessage(race.Group, message, words), Ct);
            var deletion = there.Log.Delete(race.Ada, new DeleteMessage(race.Group, message), Ct);
            await Task.WhenAll(edit, deletion);

            Assert.True((await deletion).Ok);
            if ((await edit).Ok) Assert.Equal((words, true), ((await edit).Value.Content, (await edit).Value.Revision < (await deletion).Value));
            else Assert.Equal(Fault.NotFound, (await edit).Refusal?.Fault);
            Assert.Equal(Fault.NotFound, (await here.Log.Edit(race.Bob, new EditMessage(race.Group, message, "late"), Ct)).Refusal?.Fault);
            return (await edit).Ok;
        });

        Assert.Equal(Rounds, await race.Count("select count(*) from messages where deleted and content = ''"));
        Assert.Equal(0, await race.Count("select count(*) from mentions"));
        race.AssertLast<MessageEdited>(told => told.MessageId);
    }

    [Theory, EachDatabase]
    public async Task A_reaction_and_an_unsending_that_meet_leave_nothing_that_stands(Engine engine)
    {
        await using var race = await Race.On(engine);

        await race.Run(async (here, there, message) =>
        {
            var reaction = here.Log.React(race.Ada, new AddReaction(message, "love"), Ct);
            var unsending = there.Log.Delete(race.Bob, new DeleteMessage(race.Group, message), Ct);
            await Task.WhenAll(reaction, unsending);

            Assert.True((await unsending).Ok);
            if ((await reaction).Ok) Assert.Equal((true, true), ((await reaction).Value.Added, (await reaction).Value.Revision < (await unsending).Value));
            else Assert.Equal(Fault.NotFound, (await reaction).Refusal?.Fault);
            Assert.Equal(Fault.NotFound, (await here.Log.React(race.Ada, new AddReaction(message, "like"), Ct)).Refusal?.Fault);
            return (await reaction).Ok;
        });

        Assert.Equal(Rounds, await race.Count("select count(*) from messages where deleted"));
        Assert.Equal(0, await race.Count("select count(*) from reactions where not removed"));
        race.AssertLast<ReactionAdded>(told => told.Reaction.MessageId);
    }

    /// <summary>A group on two nodes, Ada its admin, and a new message of Bob's for each round.</summary>
    private sealed class Race : IAsyncDisposable
    {
        private readonly LogScene _scene;
        private readonly LogScene _second;
        private int _before;

        private Race(LogScene scene, Caller ada, Caller bob, Guid group) =>
            (_scene, _second, Ada, Bob, Group) = (scene, scene.SecondNode(), ada, bob, group);

        public Caller Ada { get; }

        public Caller Bob { get; }

        public Guid Group { get; }

        public static async Task<Race> On(Engine engine)
        {
            var scene = await LogScene.On(engine);
            var (ada, bob) = (await scene.Person(), await scene.Person());
            return new Race(scene, ada, bob, await Talks.Over(scene).Group(ada, bob));
        }

        /// <param name="meet">Returns whether the other change came before the deletion. The nodes take turns in being the first.</param>
        public async Task Run(Func<LogScene, LogScene, Guid, Task<bool>> meet)
        {
            foreach (var rounds in Enumerable.Range(0, Rounds).Chunk(AtOnce))
            {
                var before = await Task.WhenAll(rounds.Select(async round =>
                {
                    var message = (await _scene.Post(Bob, Group, "words")).MessageId;
                    return await (round % 2 == 0 ? meet(_scene, _second, message) : meet(_second, _scene, message));
                }));
                _before += before.Count(came => came);
            }
        }

        public Task<long> Count(string text) => _scene.Count(text);

        /// <summary>Each revision was told once; what came before a deletion was told before it, what was refused not at all, and nothing after it.</summary>
        public void AssertLast<T>(Func<T, Guid> messageOf) where T : ConversationEvent
        {
            var events = _scene.Bus.Of(Group).Concat(_second.Bus.Of(Group)).OrderBy(told => told.Revision).ToList();
            Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(told => told.Revision));
            var gone = events.OfType<MessageDeleted>().ToDictionary(told => told.MessageId, told => told.Revision);
            Assert.Equal(Rounds, gone.Count);
            Assert.Equal(_before, events.OfType<T>().Count());
            Assert.All(events.OfType<T>(), told => Assert.True(told.Revision < gone[messageOf(told)]));
        }

        public async ValueTask DisposeAsync()
        {
            await _second.DisposeAsync();
            await _scene.DisposeAsync();
        }
    }
}
