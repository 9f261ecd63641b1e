import { Page } from "@/components/page";
import { ProjectList } from "@/features/projects/project-list";

export default function ProjectsPage() {
  return (
    <Page>
      <ProjectList />
    </Page>
  );
}
