import java.io.File;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.profiles.OWL2DLProfile;
import org.semanticweb.owlapi.vocab.OWL2Datatype;

/** Prints each way in which the ontology in an RDF/XML file leaves OWL 2 DL, and exits with 1 if there is any. */
class Owl2Dl {
    public static void main(String[] arguments) throws Exception {
        OWLOntology ontology = OWLManager.createOWLOntologyManager()
            .loadOntologyFromOntologyDocument(new File(arguments[0]));
        List<String> violations = Stream.concat(
            new OWL2DLProfile().checkOntology(ontology).getViolations().stream().map(Object::toString),
            datatypesOutsideTheMap(ontology)).collect(Collectors.toList());
        violations.forEach(System.out::println);
        System.exit(violations.isEmpty() ? 0 : 1);
    }

    /** The library lets any datatype of XML Schema pass; the datatype map of OWL 2 (section 4) is smaller. */
    private static Stream<String> datatypesOutsideTheMap(OWLOntology ontology) {
        return ontology.getLogicalAxioms().stream().flatMap(axiom ->
            axiom.getDatatypesInSignature().stream()
                .filter(datatype -> !OWL2Datatype.isBuiltIn(datatype.getIRI()))
                .map(datatype -> "Datatype outside the OWL 2 datatype map: " + datatype + " [" + axiom + "]"));
    }
}
