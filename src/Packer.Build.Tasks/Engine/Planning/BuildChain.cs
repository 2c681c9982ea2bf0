namespace Packer.Engine.Planning;

/// <summary>
/// What the state of a build depends on at each point where it could be resumed: what it begins with, and then each provisioner in the order of running.
/// The clean-up provisioner is no part of it, as it runs only when nothing is to be kept.
/// </summary>
/// <param name="Start">Short hashes, by name, of all that counts before the first provisioner: those of <see cref="ImagePlan.Parts"/> that are none of a provisioner's.</param>
/// <param name="Provisioners">The provisioners.</param>
internal sealed record BuildChain(IReadOnlyDictionary<string, string> Start, IReadOnlyList<ChainLink> Provisioners);

/// <summary>A provisioner in a <see cref="BuildChain"/>.</summary>
/// <param name="Name">Its type, for messages: <c>shell</c>.</param>
/// <param name="Hash">Hash of its behaviour version, its settings and the files it reads. Not of what came before.</param>
/// <param name="Always">
/// Whether it runs in each build and is never taken for done: the user says so (<c>Always</c>), or it reads what the planner does not know.
/// </param>
internal sealed record ChainLink(string Name, string Hash, bool Always);
