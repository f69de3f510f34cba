using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace United.Testing.Wires;

/// <summary>Runs a theory once per wire that offers the operations of chat. Its first parameter is the <see cref="WireKind"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EachWireAttribute : DataAttribute
{
    /// <summary>Only the wires that also make groups and direct conversations (<see cref="IConversationsDriver"/>).</summary>
    public bool OfConversations { get; init; }

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Enum.GetValues<WireKind>().Where(wire => !OfConversations || wire is WireKind.Rest or WireKind.Proto).Select(wire => new TheoryDataRow(wire))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
